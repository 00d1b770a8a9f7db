using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database in SQLite.</summary>
internal sealed class SqliteMessagesDbContext(DbContextOptions<SqliteMessagesDbContext> options) : MessagesDbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.StoreTimesAsMilliseconds();

    /// <summary>For <c>dotnet ef migrations add … --context SqliteMessagesDbContext --output-dir Storage/Migrations/Sqlite</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteMessagesDbContext>
    {
        public SqliteMessagesDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteMessagesDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
