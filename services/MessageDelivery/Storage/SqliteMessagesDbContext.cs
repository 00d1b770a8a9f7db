using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database in SQLite.</summary>
public sealed class SqliteMessagesDbContext(DbContextOptions<SqliteMessagesDbContext> options) : MessagesDbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);

        // SQLite has no type for times with an offset and could not sort them.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    /// <summary>For <c>dotnet ef migrations add … --context SqliteMessagesDbContext --output-dir Storage/Migrations/Sqlite</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteMessagesDbContext>
    {
        public SqliteMessagesDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteMessagesDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
