using WhiteCross.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(RedisServer))]

// They share a Redis: of two systems at once, each would take the other's jobs. Nor is a small machine enough for two systems of fourteen processes.
[assembly: Parallelization(Mode = ParallelMode.None)]
