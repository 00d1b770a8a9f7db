using WhiteCross.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]
