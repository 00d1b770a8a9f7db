using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class InstancesOnSqliteTests(PostgresServer postgres) : InstancesTests(DatabaseKind.Sqlite, postgres);

public sealed class InstancesOnPostgresTests(PostgresServer postgres) : InstancesTests(DatabaseKind.Postgres, postgres);

/// <summary>Several instances on one database.</summary>
public abstract class InstancesTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private IMessageIndex[] _indexes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres);
        _indexes = [.. Enumerable.Range(0, 4).Select(_ => kind == DatabaseKind.Postgres
            ? (IMessageIndex)new PostgresMessageIndex(_database.ConnectionString)
            : new SqliteMessageIndex(_database.ConnectionString))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var index in _indexes.OfType<IAsyncDisposable>())
        {
            await index.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Started_at_once_on_an_empty_database__all_start__and_the_newest_of_what_they_write_at_once_stays()
    {
        await Task.WhenAll(_indexes.Select(index => Task.Run(() => index.UpgradeAsync(Token))));
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();

        await Task.WhenAll(_indexes.Select((index, i) => Task.Run(async () =>
        {
            foreach (var batch in Enumerable.Range(0, 10))
            {
                var events = ids.Select(id => Some.Event($"fever version{i}x{batch}", id) with
                {
                    Operation = Jobs.Contracts.IndexOperation.Update,
                    CreatedAt = Some.Morning.AddSeconds((i * 10) + batch),
                }).ToArray();
                Random.Shared.Shuffle(events);
                await index.ApplyAsync(events, Token);
            }
        })));

        var found = await _indexes[0].SearchAsync(Some.Search("fever"), Token);
        Assert.Equal(ids.Order(), found.Hits.Select(hit => hit.Message.Id).Order());
        Assert.All(found.Hits, hit => Assert.Equal("fever version3x9", hit.Message.Content));
        Assert.Equal(20, (await _indexes[1].SearchAsync(Some.Search("version3x9"), Token)).Hits.Count);
        Assert.Empty((await _indexes[1].SearchAsync(Some.Search("fever -version3x9"), Token)).Hits);
    }

    [Fact]
    public async Task Started_again__keeps_what_is_indexed()
    {
        await _indexes[0].UpgradeAsync(Token);
        await _indexes[0].ApplyAsync([Some.Event("fever")], Token);

        await _indexes[1].UpgradeAsync(Token);

        Assert.Single((await _indexes[1].SearchAsync(Some.Search("fever"), Token)).Hits);
    }
}
