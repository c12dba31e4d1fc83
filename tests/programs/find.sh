# findutils: walks, tests, actions, xargs with parallel children.
cd /usr/lib/python3.13
find json email -type f -name '*.py' -printf '%p %s %m %y %d\n' | LC_ALL=C sort | md5sum; find . -name '__*__.py' -path '*/e*' | LC_ALL=C sort | head -4
find json -newer /etc/hostname 2>&1 | wc -l; find . -size +200k -name '*.py' | wc -l; find json ! -name '*e*' -o -name dec\* -prune | sort; find email -regex '.*/[a-f][^/]*\.py' | sort | tail -2
find json -type f -exec wc -c {} + | tail -1; find json -name '*.py' -print0 | sort -z | xargs -0 -n1 basename | paste -sd' '; find json -name '*.py' | sort | xargs -I@ sh -c 'head -c 9 @ | od -An -c' | md5sum
seq 60 | xargs -P4 -n5 echo | sort -n | md5sum; seq 5 | xargs -t -n2 echo 2>&1 | cat | sort | head -3; echo 'a "b c" d' | xargs -n1; false | xargs false; echo "status $?"
cd /tmp; mkdir -p tree/{a,b,c}/{x,y}; touch tree/a/x/{1,2,3} tree/b/y/4; find tree -type f -delete -print | sort; find tree -depth -type d -empty -delete; ls -d tree 2>&1
ln -s loop loop; find -L . -name loop 2>&1 | sort; find . -maxdepth 1 -perm -u=w -type l; seq 3000 | xargs -s 500 echo | wc -l; find /proc/self/fd -maxdepth 1 -name 0
