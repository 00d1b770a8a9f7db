using WhiteCross.Cli.Tests;
using Xunit.Sdk;
using Xunit.v3;

// One system for all: what one test does to a queue, another would see.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(CliSystem))]
[assembly: AssemblyFixture(typeof(WhiteCross.Testing.RedisServer))]
