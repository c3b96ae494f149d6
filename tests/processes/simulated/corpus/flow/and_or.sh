# && goes on after success, || after failure.
true && echo yes
false && echo no
false || echo otherwise
true || echo never
false && echo a || echo b
mkdir d && cd d && pwd
