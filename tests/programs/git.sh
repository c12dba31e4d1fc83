# git: commits with fixed dates, branches, merges, rebase, gc, clone, fsck.
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
tick() { now=$((${now:-1000000000} + 60)); export GIT_AUTHOR_DATE="$now +0000" GIT_COMMITTER_DATE="$now +0000"; }
git init -q -b main r && cd r && git config gc.auto 0
for i in $(seq 25); do tick; echo "line $i" >>file; seq $i >f$((i % 4)); git add . && git commit -qm "commit $i"; done; git rev-parse HEAD
git checkout -qb side HEAD~5; for i in 1 2 3; do tick; echo "side $i" >>other; git add . && git commit -qm "side $i"; done; git checkout -q main; tick; git merge -q -m merge side && git rev-parse HEAD; git log --oneline --graph | head -8
git checkout -qb topic side; tick; echo topic >t; git add t; git commit -qm topic; git rebase -q main 2>&1; git log -1 --format='%s %T'; git diff --stat main~3 topic; git blame -s file | tail -2; git tag -a -m tag v1; git describe
git gc -q --prune=now; git fsck --strict 2>&1; git count-objects -v | grep -E '^(count|packs)'; git cat-file --batch-check --batch-all-objects | sort | md5sum; cd ..; git clone -q r c 2>&1; git -C c log --format=%H | md5sum; git -C r archive main | sha256sum; git -C r bundle create -q ../b.bundle main; git -C r bundle verify -q ../b.bundle; git -C r grep -c 'line 1' main -- file; git -C r stash list; git -C c status --short | wc -l
