using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Bench.Store;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.MessageDelivery;

var messages = new Option<int>("--messages") { Description = "How many messages the large store has; the small one has 20,000.", DefaultValueFactory = _ => 1_000_000 };
messages.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < 20_000)
    {
        result.AddError("--messages must be at least 20000.");
    }
});
var command = new RootCommand("Measures the store of messages: whether lists, inboxes, clean-ups and the erasure of a person keep their times when it is large.") { messages };
command.SetAction(async (arguments, cancellationToken) =>
{
    const int Small = 20_000;
    var large = arguments.GetRequiredValue(messages);
    var (few, many) = (await MeasureAsync(Small, cancellationToken), await MeasureAsync(large, cancellationToken));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"p50, ms",-34}{Small,12:N0}{large,14:N0}   ratio"));
    foreach (var (name, time) in few)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{time,12:F1}{many[name],14:F1}{many[name] / time,8:F1}"));
    }
});
return await command.Parse(args).InvokeAsync();

static async Task<Dictionary<string, double>> MeasureAsync(int count, CancellationToken cancellationToken)
{
    const int Rounds = 40;
    var folder = Directory.CreateTempSubdirectory("bench-store-").FullName;
    var connectionString = $"Data Source={Path.Combine(folder, "messages.db")}";
    try
    {
        await using var app = MessageDeliveryApp.Create(["--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:Messages", connectionString), new("Attachments:Directory", Path.Combine(folder, "attachments"))]);
            builder.Logging.ClearProviders();
            builder.UseJobsInMemory();
        });
        await app.StartAsync(cancellationToken);
        var filling = new Filling(connectionString);
        var started = Stopwatch.GetTimestamp();
        await filling.FillAsync(count, cancellationToken);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count:N0} messages are there after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s."));

        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var (user, conversation, old) = (filling.User, filling.Conversation, filling.Newest.AddDays(-600));
        var middle = await CursorAsync($"/users/{user}/messages?userId={user}&limit=200");
        (string Name, Func<HttpRequestMessage> Request)[] requests =
        [
            ("conversation list", () => Get($"/conversations?userId={user}")),
            ("messages of a conversation", () => Get($"/conversations/{conversation}/messages?userId={user}")),
            ("inbox", () => Get($"/users/{user}/messages?userId={user}")),
            ("inbox, a later page", () => Get($"/users/{user}/messages?userId={user}&cursor={Uri.EscapeDataString(middle)}")),
            ("inbox, unread", () => Get($"/users/{user}/messages?userId={user}&unread=true")),
            ("what came after a position", () => Get($"/users/{user}/messages?userId={user}&after=5000")),
            ("a conversation", () => Get($"/conversations/{conversation}?userId={user}")),
            ("what the search may show", () => Post($"/internal/users/{user}/hidden-messages", new { ids = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()) })),
            ("clean-up: the next 1,000", () => Post("/internal/cleanup/old-messages", new { olderThan = old, batchSize = 1000, dryRun = true })),
            ("clean-up: of one user", () => Post("/internal/cleanup/old-messages", new { olderThan = old, batchSize = 10, dryRun = true, userIds = new[] { user } })),
            ("clean-up: deleted conversations", () => Post("/internal/cleanup/deleted-conversations", new { olderThan = old, dryRun = true })),
            ("clean-up: attachments", () => Post("/internal/cleanup/expired-attachments", new { olderThan = old, dryRun = true })),
            ("erasure: the next 500", () => Post($"/internal/people/{user}/messages", new { dryRun = true })),
            ("erasure: how much", () => Post($"/internal/people/{user}/count", new { })),
        ];
        var times = new Dictionary<string, double>();
        foreach (var (name, request) in requests)
        {
            var some = new List<double>();
            for (var i = -2; i < Rounds && (i < 3 || some.Sum() < 20_000); i++)
            {
                using var message = request();
                var begin = Stopwatch.GetTimestamp();
                using var answer = await http.SendAsync(message, cancellationToken);
                await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"{name}: {(int)answer.StatusCode}");
                }

                if (i >= 0)
                {
                    some.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                }
            }

            times[name] = some.Order().ElementAt(some.Count / 2);
        }

        await app.StopAsync(cancellationToken);
        return times;

        async Task<string> CursorAsync(string path) => (await http.GetFromJsonAsync<MessagePage>(path, JsonOptions.Web, cancellationToken))!.NextCursor!;
    }
    finally
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    static HttpRequestMessage Get(string path) => new(HttpMethod.Get, new Uri(path, UriKind.Relative));

    static HttpRequestMessage Post(string path, object body) => new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body, body.GetType()) };
}

/// <summary>How the service's answers are read.</summary>
internal static class JsonOptions
{
    public static readonly System.Text.Json.JsonSerializerOptions Web = new(System.Text.Json.JsonSerializerDefaults.Web);
}
