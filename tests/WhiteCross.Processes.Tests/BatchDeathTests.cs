using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests;

/// <summary>
/// A batch is being sent while its service and its sidecar are killed again and again. <c>BATCH_RECIPIENTS</c> (600), <c>BATCH_KILLS</c> (4) and
/// <c>BATCH_SEED</c> (1) make it larger or another one.
/// </summary>
public sealed class BatchDeathTests
{
    private const string Batches = "batch-message-sending";
    private static readonly int RecipientCount = Setting("BATCH_RECIPIENTS", 600);
    private static readonly int Kills = Setting("BATCH_KILLS", 4);
    private static readonly int Seed = Setting("BATCH_SEED", 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_recipient_gets_one_message_though_service_and_sidecar_are_killed_again_and_again()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"BATCH_SEED={Seed}");
        await using var redis = await RedisServer.StartLocalAsync();
        await using var system = await ProcessSystem.StartAsync(
            new ProcessSystemOptions
            {
                Redis = redis.EndPoint,
                Apps = ["queue-gateway", "message-delivery", Batches],
                Environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", [$"Queues__{Batches}__Lease"] = "00:00:05" },
            },
            Cancellation);
        using var gateway = system.ClientOf("queue-gateway");
        var recipients = Enumerable.Range(0, RecipientCount).Select(_ => Guid.NewGuid()).ToHashSet();
        var batchId = await BeginAsync(gateway, recipients);

        var random = new Random(Seed);
        var batches = system.App(Batches);
        for (var kill = 0; kill < Kills; kill++)
        {
            await ProgressAsync(gateway, batchId, random.Next(1, Math.Max(2, RecipientCount / Kills / 2)));
            await Task.WhenAll(VictimsOf(batches, random.Next(3)).Select(async victim =>
            {
                await victim.KillAsync();
                victim.Start();
            }));
            await system.WaitUntilUpAsync(Cancellation);
        }

        var batch = await UntilAsync(gateway, $"/batches/{batchId}", view => Text(view, "status") != "sending" && Number(view, "onTheWay") == 0, TimeSpan.FromMinutes(5));
        Assert.Equal("completed", Text(batch, "status"));
        Assert.Equal(RecipientCount, Number(batch, "delivered"));
        await UntilAsync(gateway, $"/queue/{Batches}/jobs/{batchId}", record => Text(record, "state") == "completed", TimeSpan.FromMinutes(1));
        Assert.Equal(recipients.Order().Select(recipient => (recipient, 1)), await MessagesAsync(system));
    }

    private static IEnumerable<ChildProcess> VictimsOf(RunningApp app, int which) => which switch
    {
        0 => [app.Service],
        1 => [app.Sidecar],
        _ => [app.Service, app.Sidecar],
    };

    private static async Task<Guid> BeginAsync(HttpClient gateway, IEnumerable<Guid> recipients)
    {
        var batchId = Guid.NewGuid();
        using var answer = await gateway.PostAsJsonAsync(
            $"/queue/{Batches}/jobs",
            new
            {
                type = "batch-send",
                jobId = $"{batchId}",
                data = new { batchId, senderId = Guid.NewGuid(), recipientIds = recipients, content = "The practice is closed on Monday.", chunkSize = 20, chunkDelay = 200 },
            },
            Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Cancellation));
        return batchId;
    }

    /// <summary>Waits until so many more recipients have been dealt with, or the batch has ended.</summary>
    private static async Task ProgressAsync(HttpClient gateway, Guid batchId, int by)
    {
        int? from = null;
        await UntilAsync(
            gateway,
            $"/batches/{batchId}",
            view =>
            {
                var sent = Number(view, "onTheWay") + Number(view, "delivered") + Number(view, "failed");
                from ??= sent;
                return sent >= from + by || Text(view, "status") != "sending";
            },
            TimeSpan.FromMinutes(2));
    }

    /// <summary>Waits until an address answers with what is wanted; while the service is away, it does not.</summary>
    private static async Task<JsonObject> UntilAsync(HttpClient gateway, string path, Func<JsonObject, bool> isWanted, TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonObject? last = null;
        while (Stopwatch.GetElapsedTime(since) < patience)
        {
            using var answer = await gateway.GetAsync(path, Cancellation);
            if (answer.IsSuccessStatusCode)
            {
                last = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
                if (isWanted(last))
                {
                    return last;
                }
            }

            await timer.WaitForNextTickAsync(Cancellation);
        }

        throw new TimeoutException($"{path} did not become what is wanted within {patience}: {last}");
    }

    /// <summary>How many messages each recipient has, read from the delivery service's database.</summary>
    private static async Task<List<(Guid Recipient, int Messages)>> MessagesAsync(ProcessSystem system)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(system.Folder, "data", "messages.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT recipient_id, COUNT(*) FROM messages GROUP BY recipient_id";
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<(Guid Recipient, int Messages)> messages = [];
        while (await reader.ReadAsync(Cancellation))
        {
            messages.Add((Guid.Parse(reader.GetString(0)), reader.GetInt32(1)));
        }

        return [.. messages.OrderBy(message => message.Recipient)];
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string Text(JsonObject json, string name) => json[name]!.GetValue<string>();

    private static int Number(JsonObject json, string name) => json[name]!.GetValue<int>();
}
