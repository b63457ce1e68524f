module msctl.test/cluster/programs

go 1.22
