using Xunit.v3;

// Each system has a Redis, ports and data of its own. Two at once: they wait half their time, and each is up to fourteen processes.
[assembly: Parallelization(MaxThreads = 2)]
