"""The docker commands on containers, declared as docker's own help prints them (``declarations`` reads it)."""

TEXT = """\
run [OPTIONS] IMAGE [COMMAND] [ARG...]
Run a command in a new container
      --add-host list  Add a custom host-to-IP mapping (host:ip)
  -a, --attach list  Attach to STDIN, STDOUT or STDERR
      --cap-add list  Add Linux capabilities
      --cap-drop list  Drop Linux capabilities
      --cidfile string  Write the container ID to the file
      --cpus decimal  Number of CPUs
  -d, --detach  Run container in background and print container ID
      --entrypoint string  Overwrite the default ENTRYPOINT of the image
  -e, --env list  Set environment variables
      --env-file list  Read in a file of environment variables
      --expose list  Expose a port or a range of ports
      --health-cmd string  Command to run to check health
      --health-interval duration  Time between running the check (ms|s|m|h) (default 0s)
      --health-retries int  Consecutive failures needed to report unhealthy
      --health-timeout duration  Maximum time to allow one check to run (ms|s|m|h) (default 0s)
  -h, --hostname string  Container host name
      --init  Run an init inside the container that forwards signals and reaps processes
  -i, --interactive  Keep STDIN open even if not attached
      --ip string  IPv4 address (e.g., 172.30.100.104)
  -l, --label list  Set meta data on a container
  -m, --memory bytes  Memory limit
      --memory-reservation bytes  Memory soft limit
      --memory-swap bytes  Swap limit equal to memory plus swap: '-1' to enable unlimited swap
      --mount mount  Attach a filesystem mount to the container
      --name string  Assign a name to the container
      --network network  Connect a container to a network
      --network-alias list  Add network-scoped alias for the container
      --no-healthcheck  Disable any container-specified HEALTHCHECK
      --pid string  PID namespace to use
      --pids-limit int  Tune container pids limit (set -1 for unlimited)
      --privileged  Give extended privileges to this container
  -p, --publish list  Publish a container's port(s) to the host
  -P, --publish-all  Publish all exposed ports to random ports
      --pull string  Pull image before running ("always"|"missing"|"never") (default "missing")
      --read-only  Mount the container's root filesystem as read only
      --restart string  Restart policy to apply when a container exits (default "no")
      --rm  Automatically remove the container when it exits
      --stop-signal string  Signal to stop a container (default "SIGTERM")
      --stop-timeout int  Timeout (in seconds) to stop a container
      --tmpfs list  Mount a tmpfs directory
  -t, --tty  Allocate a pseudo-TTY
  -u, --user string  Username or UID (format: <name|uid>[:<group|gid>])
  -v, --volume list  Bind mount a volume
      --volumes-from list  Mount volumes from the specified container(s)
  -w, --workdir string  Working directory inside the container
  left out: blkio-weight blkio-weight-device cgroup-parent cgroupns cpu-period cpu-quota
  left out: cpu-rt-period cpu-rt-runtime cpu-shares cpuset-cpus cpuset-mems detach-keys device
  left out: device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops
  left out: disable-content-trust dns dns-option dns-search domainname gpus group-add
  left out: health-start-period ip6 ipc isolation kernel-memory label-file link link-local-ip
  left out: log-driver log-opt mac-address memory-swappiness
  left out: oom-kill-disable oom-score-adj platform runtime security-opt shm-size sig-proxy
  left out: storage-opt sysctl ulimit userns uts volume-driver

start [OPTIONS] CONTAINER [CONTAINER...]
Start one or more stopped containers
  -a, --attach  Attach STDOUT/STDERR and forward signals
  -i, --interactive  Attach container's STDIN
  left out: detach-keys

attach [OPTIONS] CONTAINER
Attach local standard input, output, and error streams to a running container
      --no-stdin  Do not attach STDIN
      --sig-proxy  Proxy all received signals to the process (default true)
  left out: detach-keys

stop [OPTIONS] CONTAINER [CONTAINER...]
Stop one or more running containers
  -t, --time int  Seconds to wait for stop before killing it (default 10)

restart [OPTIONS] CONTAINER [CONTAINER...]
Restart one or more containers
  -t, --time int  Seconds to wait for stop before killing the container (default 10)

kill [OPTIONS] CONTAINER [CONTAINER...]
Kill one or more running containers
  -s, --signal string  Signal to send to the container (default "KILL")

pause CONTAINER [CONTAINER...]
Pause all processes within one or more containers

unpause CONTAINER [CONTAINER...]
Unpause all processes within one or more containers

wait CONTAINER [CONTAINER...]
Block until one or more containers stop, then print their exit codes

rm [OPTIONS] CONTAINER [CONTAINER...]
Remove one or more containers
  -f, --force  Force the removal of a running container (uses SIGKILL)
  -v, --volumes  Remove anonymous volumes associated with the container
  left out: link

ps [OPTIONS]
List containers
  -a, --all  Show all containers (default shows just running)
  -f, --filter filter  Filter output based on conditions provided
      --format string  Pretty-print containers using a Go template
  -n, --last int  Show n last created containers (includes all states) (default -1)
  -l, --latest  Show the latest created container (includes all states)
      --no-trunc  Don't truncate output
  -q, --quiet  Only display container IDs
  -s, --size  Display total file sizes

exec [OPTIONS] CONTAINER COMMAND [ARG...]
Run a command in a running container
  -d, --detach  Detached mode: run command in the background
  -e, --env list  Set environment variables
      --env-file list  Read in a file of environment variables
  -i, --interactive  Keep STDIN open even if not attached
      --privileged  Give extended privileges to the command
  -t, --tty  Allocate a pseudo-TTY
  -u, --user string  Username or UID (format: <name|uid>[:<group|gid>])
  -w, --workdir string  Working directory inside the container
  left out: detach-keys

logs [OPTIONS] CONTAINER
Fetch the logs of a container
  -f, --follow  Follow log output
      --since string  Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
  -n, --tail string  Number of lines to show from the end of the logs (default "all")
  -t, --timestamps  Show timestamps
      --until string  Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
  left out: details

top CONTAINER [ps OPTIONS]
Display the running processes of a container

port CONTAINER [PRIVATE_PORT[/PROTO]]
List port mappings or a specific mapping for the container

diff CONTAINER
Inspect changes to files or directories on a container's filesystem

cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-
or cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH
Copy files/folders between a container and the local filesystem
  -a, --archive  Archive mode (copy all uid/gid information)
  -L, --follow-link  Always follow symbol link in SRC_PATH

update [OPTIONS] CONTAINER [CONTAINER...]
Update configuration of one or more containers
      --cpus decimal  Number of CPUs
  -m, --memory bytes  Memory limit
      --memory-reservation bytes  Memory soft limit
      --memory-swap bytes  Swap limit equal to memory plus swap: '-1' to enable unlimited swap
      --pids-limit int  Tune container pids limit (set -1 for unlimited)
      --restart string  Restart policy to apply when a container exits
  left out: blkio-weight cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpuset-cpus
  left out: cpuset-mems kernel-memory

rename CONTAINER NEW_NAME
Rename a container

container prune [OPTIONS]
Remove all stopped containers
      --filter filter  Provide filter values (e.g. 'until=<timestamp>')
  -f, --force  Do not prompt for confirmation

container inspect [OPTIONS] CONTAINER [CONTAINER...]
Display detailed information on one or more containers
  -f, --format string  Format the output using the given Go template
  -s, --size  Display total file sizes
"""
