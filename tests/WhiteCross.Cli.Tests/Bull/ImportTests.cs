using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Importing;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc import bull</c>, on queues that real Bull and BullMQ have made.</summary>
public sealed class ImportTests(CliSystem system, RedisServer redis)
{
    // Those that are the same in both; the others are named where they are looked at.
    private static readonly string[] LeftInBoth = ["is called 'sendMessage'", "is called 'unheard-of'", "data.content: is required", "comes from a schedule", "delay"];

    [Theory]
    [InlineData("bull")]
    [InlineData("bullmq")]
    public async Task A_dry_run_says_what_would_be_taken_and_what_not_and_changes_nothing(string library)
    {
        await using var queues = await RecordedQueues.PutAsync(redis, library);
        var before = await queues.DumpAsync();

        var shown = await RunAsync(queues, "--dry-run");
        var told = await RunAsync(queues, "--dry-run", "--json");

        Assert.Equal(ExitCodes.WrongInput, shown.ExitCode); // Some would be left.
        Assert.Contains("Nothing was changed.", shown.Output, StringComparison.Ordinal);
        Assert.All(LeftInBoth, why => Assert.Contains(why, shown.Output, StringComparison.Ordinal));
        Assert.Contains("--type unheard-of=<job type>", shown.Output, StringComparison.Ordinal);
        Assert.Contains("the back-off 'mine'", shown.Output, StringComparison.Ordinal);
        Assert.Contains("lifo", shown.Output, StringComparison.Ordinal);
        Assert.Contains("message-delivery: 1 job run there now", shown.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Text ", shown.Output + shown.Error + told.Output, StringComparison.Ordinal); // What jobs are about is nobody's here.
        Assert.True(told.Json["dryRun"]!.GetValue<bool>());
        Assert.Equal(before, await queues.DumpAsync());
        (await system.RunAsync("job", JobIdOf(told, "first"))).Refused(ExitCodes.NotFound, "on record");
    }

    [Theory]
    [InlineData("bull")]
    [InlineData("bullmq")]
    public async Task Jobs_are_taken_once_with_their_priorities_delays_attempts_and_errors(string library)
    {
        await using var queues = await RecordedQueues.PutAsync(redis, library, OfItsOwn(library));
        await PausedAsync(async () =>
        {
            var ran = await RunAsync(queues, "--yes", "--json", "--type", "sendMessage=send-message");

            Assert.Equal(ExitCodes.WrongInput, ran.ExitCode);
            await AssertJobAsync(ran, "first", "paused", "NORMAL", 1);
            await AssertJobAsync(ran, IdOf(library, 4, 5), "paused", "NORMAL", 5);
            await AssertJobAsync(ran, IdOf(library, 5, 6), "paused", "NORMAL", 4);
            await AssertJobAsync(ran, IdOf(library, 7, 8), "paused", "CRITICAL", 1);
            await AssertJobAsync(ran, IdOf(library, 8, 9), "paused", "HIGH", 1);
            await AssertJobAsync(ran, IdOf(library, 9, 10), "paused", "LOW", 1);
            await AssertJobAsync(ran, "second-try", "delayed", "NORMAL", 2);
            var failed = await AssertJobAsync(ran, "given-up", "failed", "NORMAL", 1);
            Assert.Equal("The provider said 503", failed["error"]!["message"]!.GetValue<string>());
            Assert.Contains("at deliver", failed["error"]!["stack"]!.GetValue<string>(), StringComparison.Ordinal);
            var delayed = await AssertJobAsync(ran, IdOf(library, 10, 11), "delayed", "NORMAL", 1);
            Assert.InRange(DateTimeOffset.Parse(delayed["nextAttemptAt"]!.GetValue<string>(), null) - DateTimeOffset.Parse(delayed["createdAt"]!.GetValue<string>(), null), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
            Assert.Equal("message-indexing", OutcomeOf(ran, "2")["queue"]!.GetValue<string>());
            Assert.Equal("left", OutcomeOf(ran, IdOf(library, 12, 13))["outcome"]!.GetValue<string>()); // No content.

            // Bull has nothing of it to run any more, and what is left is as it was.
            var again = await RunAsync(queues, "--yes", "--json", "--type", "sendMessage=send-message");
            Assert.Equal((0, 0), (again.Json["taken"]!.GetValue<int>(), again.Json["known"]!.GetValue<int>()));
            Assert.Equal(ran.Json["left"]!.GetValue<int>(), again.Json["left"]!.GetValue<int>());
            Assert.Equal(0, await queues.Database.SortedSetLengthAsync(KeyOf(library, "failed")));
            Assert.Equal(library == "bull" ? 3 : 2, await queues.Database.ListLengthAsync(KeyOf(library, "wait")) + await queues.Database.ListLengthAsync(KeyOf(library, "paused")));
        });
    }

    [Fact]
    public async Task An_import_whose_gateway_does_not_answer_is_gone_on_with_and_no_job_is_lost_or_twice()
    {
        await using var queues = await RecordedQueues.PutAsync(redis, "bull", name => name.Replace("message-indexing", "broken-off", StringComparison.Ordinal));
        string[] args = ["--queue", "broken-off", "--yes", "--json"];
        using (var gateway = new AwayGateway())
        {
            (await RunAsync(queues, gateway.Address, args)).Refused(ExitCodes.Unavailable, "run the same command again");
        }

        Assert.Equal(0, await queues.Database.ListLengthAsync("bull:broken-off:paused")); // No worker of Bull can start them.
        var second = (await RunAsync(queues, args)).Well();
        Assert.Equal(2, second.Json["taken"]!.GetValue<int>());

        // As if the answer of the second had been lost: its note does not say that they were added.
        foreach (var entry in await queues.Database.HashGetAllAsync("bull:broken-off:whitecross-import"))
        {
            await queues.Database.HashSetAsync("bull:broken-off:whitecross-import", entry.Name, entry.Value.ToString().Replace(",\"added\":true", string.Empty, StringComparison.Ordinal));
        }

        var third = (await RunAsync(queues, args)).Well();
        Assert.Equal((0, 2), (third.Json["taken"]!.GetValue<int>(), third.Json["known"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Who_may_not_add_leaves_everything_where_it_was()
    {
        await using var queues = await RecordedQueues.PutAsync(redis, "bull");
        var before = await queues.DumpAsync();

        var ran = await ToolOf(queues, system.Address.ToString(), CliSystem.KeyOf("viewer")).RunAsync(["import", "bull", "--redis", queues.Address, "--type", "sendMessage=send-message", "--yes"]);

        ran.Refused(ExitCodes.NotAllowed, "key with a higher role");
        Assert.Equal(before, await queues.DumpAsync());
        Assert.Equal(ExitCodes.WrongInput, (await RunAsync(queues)).ExitCode); // Without --yes and a terminal to ask on.
    }

    [Fact]
    public async Task A_job_that_a_worker_of_Bull_has_begun_meanwhile_is_not_taken()
    {
        await using var queues = await RecordedQueues.PutAsync(redis, "bullmq");
        var queue = new BullQueue(queues.Database, "bull", "message-indexing");
        var places = await queue.PlacesAsync(new HashSet<BullState> { BullState.Waiting });
        var jobs = await queue.ReadAsync(places);
        await queues.Database.ListMoveAsync("bull:message-indexing:wait", "bull:message-indexing:active", StackExchange.Redis.ListSide.Right, StackExchange.Redis.ListSide.Left);

        var taken = await queue.TakeAsync([.. jobs.Select(job => (job, "x"))]);

        Assert.Equal([("1", false), ("2", true), ("child", true)], jobs.Select((job, i) => (job.Place.Id, taken[i])));
    }

    [Fact]
    public async Task The_report_has_a_line_for_each_job_and_priorities_can_be_mapped()
    {
        await using var queues = await RecordedQueues.PutAsync(redis, "bullmq");
        var file = Path.GetTempFileName();
        try
        {
            await RunAsync(queues, "--dry-run", "--state", "prioritized", "--priority", "1=low", "--priority", "20=critical", "--report", file);
            var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);

            Assert.Equal(["8", "9", "10"], lines.Select(line => JsonNode.Parse(line)!["id"]!.GetValue<string>()));
        }
        finally
        {
            File.Delete(file);
        }

        var map = new PriorityMap();
        Assert.True(map.TryAdd("1=low") && map.TryAdd("10-20=critical"));
        Assert.Equal(["Low", "High", "Critical", "Normal", "Low"], ((long[])[1, 2, 15, 0, 21]).Select(priority => $"{map.Of(priority)}"));
    }

    [Theory]
    [InlineData("no queue 'nowhere'", ExitCodes.NotFound, "--queue", "nowhere")]
    [InlineData("under the prefix 'other'", ExitCodes.NotFound, "--prefix", "other")]
    [InlineData("--type 'a=b' must be", ExitCodes.WrongInput, "--type", "a=b")]
    [InlineData("--priority '5-1=high' must be", ExitCodes.WrongInput, "--priority", "5-1=high")]
    [InlineData("--priority '1=7' must be", ExitCodes.WrongInput, "--priority", "1=7")]
    [InlineData("--redis must be", ExitCodes.WrongInput, "--redis", "http://somewhere")]
    [InlineData("cannot be reached", ExitCodes.Unavailable, "--redis", "localhost:1")]
    public async Task What_is_wrong_is_named(string saying, int exitCode, params string[] args)
    {
        await using var queues = await RecordedQueues.PutAsync(redis, "bull");
        string[] address = args.Contains("--redis") ? [] : ["--redis", queues.Address];

        (await system.Tool().RunAsync(["import", "bull", "--dry-run", .. address, .. args])).Refused(exitCode, saying);
    }

    // Numbers of the same job in the one library's recording and in the other's.
    private static string IdOf(string library, int bull, int bullmq) => $"{(library == "bull" ? bull : bullmq)}";

    // Ids are made of the queue's name, so that each test's jobs are its own.
    private static Func<string, string> OfItsOwn(string library) => name => name.Replace("message-delivery", $"delivery-{library}", StringComparison.Ordinal);

    private static string KeyOf(string library, string rest) => $"bull:delivery-{library}:{rest}";

    private static JsonNode OutcomeOf(Ran ran, string id) => ran.Json["jobs"]!.AsArray().First(job => job!["id"]!.GetValue<string>() == id)!;

    private static string JobIdOf(Ran ran, string id) => OutcomeOf(ran, id)["jobId"]!.GetValue<string>();

    private static Tool ToolOf(RecordedQueues queues, string address, string key) =>
        new() { Variables = { ["WC_URL"] = address, ["WC_API_KEY"] = key }, Time = new RecordedTime(queues.RecordedAt) };

    private async Task<JsonNode> AssertJobAsync(Ran ran, string id, string state, string priority, int attempts)
    {
        Assert.Equal("taken", OutcomeOf(ran, id)["outcome"]!.GetValue<string>());
        var job = (await system.RunAsync("job", JobIdOf(ran, id), "--json")).Well().Json;
        Assert.Equal((state, priority, attempts), (job["state"]!.GetValue<string>(), job["priority"]!.GetValue<string>(), job["maxAttempts"]!.GetValue<int>()));
        return job;
    }

    private Task<Ran> RunAsync(RecordedQueues queues, params string[] args) => RunAsync(queues, system.Address.ToString(), args);

    private static Task<Ran> RunAsync(RecordedQueues queues, string address, string[] args) =>
        ToolOf(queues, address, CliSystem.KeyOf("admin")).RunAsync(["import", "bull", "--redis", queues.Address, .. args]);

    private async Task PausedAsync(Func<Task> test)
    {
        (await system.RunAsync("pause", "message-delivery")).Well();
        try
        {
            await test();
        }
        finally
        {
            (await system.RunAsync("resume", "message-delivery")).Well();
        }
    }

    private sealed class RecordedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    /// <summary>A gateway that lets in and then says that its store is away.</summary>
    private sealed class AwayGateway : IDisposable
    {
        private readonly HttpListener _listener = new();

        public AwayGateway()
        {
            Address = $"http://localhost:{FreePorts.Take()}/";
            _listener.Prefixes.Add(Address);
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address { get; }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                var isGet = context.Request.HttpMethod == "GET";
                (context.Response.ContentType, context.Response.StatusCode) = ("application/json", isGet ? 200 : 503);
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(isGet ? "{}" : """{"title":"Job store away","status":503,"outcome":"none"}"""));
                context.Response.Close();
            }
        }
    }
}
