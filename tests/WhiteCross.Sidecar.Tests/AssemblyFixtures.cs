using WhiteCross.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(RedisServer))]

// Each test has sidecars, stores and names of its own. The workflow engine's wait most of their time, for timers, redeliveries and restarts, and are in few classes.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 4)]
