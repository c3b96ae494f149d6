# What is copied is what is seen: the files that an opaque directory hides stay hidden.
cp -a cache cache2
find cache2 | sort
