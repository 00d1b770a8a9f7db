using System.CommandLine;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using WhiteCross.Bench.Search;
using WhiteCross.MessageIndexing;

var messages = new Option<int>("--messages") { Description = "How many messages to index.", DefaultValueFactory = _ => 10_000 };
messages.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < 1000)
    {
        result.AddError("--messages must be at least 1000.");
    }
});
var postgres = new Option<string?>("--postgres") { Description = "An empty PostgreSQL database to measure too: its connection string." };
var command = new RootCommand("Measures the search index: bulk against one by one, and how fast a search answers.") { messages, postgres };
command.SetAction(async (arguments, cancellationToken) =>
{
    var folder = Directory.CreateTempSubdirectory("bench-search-").FullName;
    try
    {
        var count = arguments.GetRequiredValue(messages);
        await MeasureAsync("SQLite", new SqliteMessageIndex($"Data Source={Path.Combine(folder, "search.db")}"), count, cancellationToken);
        if (arguments.GetValue(postgres) is { } connectionString)
        {
            await using var index = new PostgresMessageIndex(connectionString);
            await MeasureAsync("PostgreSQL", index, count, cancellationToken);
        }
    }
    finally
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
});
return await command.Parse(args).InvokeAsync();

static async Task MeasureAsync(string name, IMessageIndex index, int count, CancellationToken cancellationToken)
{
    const int Rounds = 5;
    const int OneByOne = 100;
    const int Bulk = 500;
    const int Searches = 600;

    await index.UpgradeAsync(cancellationToken);
    var corpus = new Corpus();
    var events = corpus.Messages(count);
    var warmUp = count / 5;
    await IndexAsync(events.Take(warmUp), Bulk);

    // By turns, so that what else the machine does meanwhile falls on both.
    var (oneByOne, bulk, ratios) = (new List<double>(), new List<double>(), new List<double>());
    foreach (var round in events.Skip(warmUp).Chunk((count - warmUp) / Rounds).Take(Rounds))
    {
        oneByOne.Add(await IndexAsync(round.Take(OneByOne), 1));
        bulk.Add(await IndexAsync(round.Skip(OneByOne), Bulk));
        ratios.Add(bulk[^1] / oneByOne[^1]);
    }

    var times = new List<double>(Searches);
    foreach (var text in corpus.Queries(Searches))
    {
        if (!SearchQueryReader.TryRead(text, out var query, out var error))
        {
            throw new InvalidOperationException(error);
        }

        var start = Stopwatch.GetTimestamp();
        var page = await index.SearchAsync(new SearchRequest(query, corpus.User, 20), cancellationToken);
        foreach (var hit in page.Hits)
        {
            Snippet.Of(hit.Message.Content!, query);
        }

        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    times.Sort();
    Console.WriteLine($"{name}, {events.Count} messages");
    Console.WriteLine($"  indexing   one by one {Median(oneByOne):F0}/s   in bulks of {Bulk} {Median(bulk):F0}/s   ratio {Median(ratios):F1} ({ratios.Min():F1}–{ratios.Max():F1})");
    Console.WriteLine($"  searching  p50 {times[Searches / 2]:F1} ms   p95 {times[Searches * 95 / 100]:F1} ms   p99 {times[Searches * 99 / 100]:F1} ms");

    async Task<double> IndexAsync(IEnumerable<IndexEvent> some, int size)
    {
        var (done, start) = (0, Stopwatch.GetTimestamp());
        foreach (var batch in some.Chunk(size))
        {
            await index.ApplyAsync(batch, cancellationToken);
            done += batch.Length;
        }

        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
