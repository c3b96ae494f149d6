"""The docker commands on images, volumes, networks and the whole engine, declared as docker's own help prints them."""

TEXT = """\
inspect [OPTIONS] NAME|ID [NAME|ID...]
Return low-level information on Docker objects
  -f, --format string  Format the output using the given Go template
  -s, --size  Display total file sizes if the type is container
      --type string  Return JSON for specified type

commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]
Create a new image from a container's changes
  -a, --author string  Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
  -c, --change list  Apply Dockerfile instruction to the created image
  -m, --message string  Commit message
  -p, --pause  Pause container during commit (default true)

export [OPTIONS] CONTAINER
Export a container's filesystem as a tar archive
  -o, --output string  Write to a file, instead of STDOUT

import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]
Import the contents from a tarball to create a filesystem image
  -c, --change list  Apply Dockerfile instruction to the created image
  -m, --message string  Set commit message for imported image
  left out: platform

save [OPTIONS] IMAGE [IMAGE...]
Save one or more images to a tar archive (streamed to STDOUT by default)
  -o, --output string  Write to a file, instead of STDOUT

load [OPTIONS]
Load an image from a tar archive or STDIN
  -i, --input string  Read from tar archive file, instead of STDIN
  -q, --quiet  Suppress the load output

images [OPTIONS] [REPOSITORY[:TAG]]
List images
  -a, --all  Show all images (default hides intermediate images)
      --digests  Show digests
  -f, --filter filter  Filter output based on conditions provided
      --format string  Pretty-print images using a Go template
      --no-trunc  Don't truncate output
  -q, --quiet  Only show image IDs

rmi [OPTIONS] IMAGE [IMAGE...]
Remove one or more images
  -f, --force  Force removal of the image
      --no-prune  Do not delete untagged parents

tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]
Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE

history [OPTIONS] IMAGE
Show the history of an image
      --format string  Pretty-print images using a Go template
  -H, --human  Print sizes and dates in human readable format (default true)
      --no-trunc  Don't truncate output
  -q, --quiet  Only show image IDs

build [OPTIONS] PATH | URL | -
Build an image from a Dockerfile
      --build-arg list  Set build-time variables
  -f, --file string  Name of the Dockerfile (Default is 'PATH/Dockerfile')
      --force-rm  Always remove intermediate containers
      --iidfile string  Write the image ID to the file
      --label list  Set metadata for an image
      --no-cache  Do not use cache when building the image
      --progress string  Set type of progress output (auto, plain, tty). Use plain to show container output
          (default "auto")
      --pull  Always attempt to pull a newer version of the image
  -q, --quiet  Suppress the build output and print image ID on success
      --rm  Remove intermediate containers after a successful build (default true)
      --squash  Squash newly built layers into a single new layer
  -t, --tag list  Name and optionally a tag in the 'name:tag' format
      --target string  Set the target build stage to build.
  left out: add-host cache-from cgroup-parent compress cpu-period cpu-quota cpu-shares cpuset-cpus
  left out: cpuset-mems disable-content-trust isolation memory memory-swap network security-opt
  left out: shm-size ulimit

pull [OPTIONS] NAME[:TAG|@DIGEST]
Pull an image or a repository from a registry
  -a, --all-tags  Download all tagged images in the repository
  -q, --quiet  Suppress verbose output
  left out: disable-content-trust platform

push [OPTIONS] NAME[:TAG]
Push an image or a repository to a registry
  -a, --all-tags  Push all tagged images in the repository
  -q, --quiet  Suppress verbose output
  left out: disable-content-trust

version [OPTIONS]
Show the Docker version information
  -f, --format string  Format the output using the given Go template
  left out: kubeconfig

info [OPTIONS]
Display system-wide information
  -f, --format string  Format the output using the given Go template

image inspect [OPTIONS] IMAGE [IMAGE...]
Display detailed information on one or more images
  -f, --format string  Format the output using the given Go template

image prune [OPTIONS]
Remove unused images
  -a, --all  Remove all unused images, not just dangling ones
      --filter filter  Provide filter values (e.g. 'until=<timestamp>')
  -f, --force  Do not prompt for confirmation

volume create [OPTIONS] [VOLUME]
Create a volume
  -d, --driver string  Specify volume driver name (default "local")
      --label list  Set metadata for a volume
  -o, --opt map  Set driver specific options (default map[])

volume ls [OPTIONS]
List volumes
  -f, --filter filter  Provide filter values (e.g. 'dangling=true')
      --format string  Pretty-print volumes using a Go template
  -q, --quiet  Only display volume names

volume inspect [OPTIONS] VOLUME [VOLUME...]
Display detailed information on one or more volumes
  -f, --format string  Format the output using the given Go template

volume rm [OPTIONS] VOLUME [VOLUME...]
Remove one or more volumes
  -f, --force  Force the removal of one or more volumes

volume prune [OPTIONS]
Remove all unused local volumes
      --filter filter  Provide filter values (e.g. 'label=<label>')
  -f, --force  Do not prompt for confirmation

network create [OPTIONS] NETWORK
Create a network
  -d, --driver string  Driver to manage the Network (default "bridge")
      --gateway strings  IPv4 or IPv6 Gateway for the master subnet
      --internal  Restrict external access to the network
      --label list  Set metadata on a network
  -o, --opt map  Set driver specific options (default map[])
      --subnet strings  Subnet in CIDR format that represents a network segment
  left out: attachable aux-address config-from config-only ingress ip-range ipam-driver ipam-opt
  left out: ipv6 scope

network ls [OPTIONS]
List networks
  -f, --filter filter  Provide filter values (e.g. 'driver=bridge')
      --format string  Pretty-print networks using a Go template
      --no-trunc  Do not truncate the output
  -q, --quiet  Only display network IDs

network inspect [OPTIONS] NETWORK [NETWORK...]
Display detailed information on one or more networks
  -f, --format string  Format the output using the given Go template
  left out: verbose

network rm NETWORK [NETWORK...]
Remove one or more networks

network connect [OPTIONS] NETWORK CONTAINER
Connect a container to a network
      --alias strings  Add network-scoped alias for the container
      --ip string  IPv4 address (e.g., 172.30.100.104)
  left out: driver-opt ip6 link link-local-ip

network disconnect [OPTIONS] NETWORK CONTAINER
Disconnect a container from a network
  -f, --force  Force the container to disconnect from a network

network prune [OPTIONS]
Remove all unused networks
      --filter filter  Provide filter values (e.g. 'until=<timestamp>')
  -f, --force  Do not prompt for confirmation

system df [OPTIONS]
Show docker disk usage
      --format string  Pretty-print images using a Go template
  -v, --verbose  Show detailed information on space usage

system prune [OPTIONS]
Remove unused data
  -a, --all  Remove all unused images not just dangling ones
      --filter filter  Provide filter values (e.g. 'label=<key>=<value>')
  -f, --force  Do not prompt for confirmation
      --volumes  Prune volumes
"""
