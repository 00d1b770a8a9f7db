using WhiteCross.Testing;

[assembly: AssemblyFixture(typeof(RedisServer))]
