# The directories above a changed file come up with it.
echo "seek" >> docs/api/v1/calls.md
cat docs/api/v1/calls.md
ls docs docs/api
