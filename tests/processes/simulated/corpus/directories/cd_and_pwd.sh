# cd goes somewhere, pwd says where.
cd docs/api
pwd
cd ..
pwd
cd
pwd
cd - > /dev/null
pwd
