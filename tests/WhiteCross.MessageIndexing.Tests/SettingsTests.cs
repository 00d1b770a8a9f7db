using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using WhiteCross.Storage;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class SettingsTests(PostgresServer postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Database:Provider", "oracle")]
    [InlineData("ConnectionStrings:Search", "nonsense")]
    [InlineData("ConnectionStrings:Search", "Database=search")]
    public async Task Wrong_database_setting__stops_the_start_and_is_named(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(setting, value));

        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxBatch", "0")]
    [InlineData("MaxBatch", "10001")]
    [InlineData("GatherMilliseconds", "1001")]
    public async Task Wrong_indexing_setting__stops_the_start_and_is_named(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync($"Indexing:{setting}", value));

        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_connection_string__a_SQLite_file_in_the_data_directory()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"search-test-{Guid.NewGuid():N}", "deep");
        try
        {
            await using var service = await IndexingService.StartAsync("", With(ServiceDatabase.DirectorySetting, folder));
            await service.DeliverAsync(Some.Message("fever"));

            Assert.Single((await service.SearchAsync("fever")).Results);
            Assert.True(File.Exists(Path.Combine(folder, "search.db")));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearPool(new($"Data Source={Path.Combine(folder, "search.db")}"));
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    [Fact]
    public async Task Database_goes_away__the_service_is_not_ready()
    {
        var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres, postgres);
        await using var service = await IndexingService.StartAsync(database.ConnectionString);
        using (var ready = await service.Http.GetAsync("/readyz", Token))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        await database.DisposeAsync();

        using var away = await service.Http.GetAsync("/readyz", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
    }

    private static async Task StartAsync(string setting, string value)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, null!);
        await using var service = await IndexingService.StartAsync(database.ConnectionString, With(setting, value));
    }

    private static Action<WebApplicationBuilder> With(string setting, string value) =>
        builder => builder.Configuration.AddInMemoryCollection([new(setting, value)]);
}
