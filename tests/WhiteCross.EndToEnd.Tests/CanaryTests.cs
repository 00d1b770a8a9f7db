using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>
/// Words that stand nowhere else go through every queue, by success and by failure; then everything that outlives them is searched. What may be found where
/// is what SECURITY.md says: a place that is not named there fails this test.
/// </summary>
public sealed class CanaryTests : IAsyncLifetime, IJobFilter
{
    private const string Messages = "file messages.db";
    private const string Search = "file search.db";
    private const string Notifications = "file notifications.db";
    private const string Mail = "file mail/";
    private const string Redis = "redis";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private readonly LogCollector _logs = new();
    private readonly Dictionary<string, string> _answers = [];
    private readonly ConcurrentDictionary<string, IServiceProvider> _services = new();
    private readonly List<(string Queue, string JobId)> _jobs = [];
    private readonly Canary _thrown = new("thrown", "answer");
    private CanaryProviders? _providers;
    private RedisServer? _redis;
    private ZipkinCollector? _zipkin;
    private LocalSystem? _system;
    private HttpClient? _gateway;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartLocalAsync(appendOnly: true);
        await using (var connection = await _redis.ConnectAsync())
        {
            // Compressed, a word would not be found.
            await connection.GetServer(_redis.Host, _redis.Port).ConfigSetAsync("rdbcompression", "no");
        }

        _zipkin = await ZipkinCollector.StartAsync();
        _providers = await CanaryProviders.StartAsync();
        _system = await LocalSystem.StartAsync(
            SystemFixture.OptionsFor(_data, _redis.EndPoint) with
            {
                Settings = new Dictionary<string, string?>(_providers.Settings()) { ["OTEL_EXPORTER_ZIPKIN_ENDPOINT"] = _zipkin.Endpoint, ["OTEL_BSP_SCHEDULE_DELAY"] = "100" },
                ConfigureService = (appId, builder) =>
                {
                    builder.Services.AddHostedService(services => new Remembered(() => _services[appId] = services));
                    builder.Logging.AddProvider(_logs).SetMinimumLevel(LogLevel.Debug);
                    builder.Services.AddSingleton<IJobFilter>(this);
                },
            },
            CancellationToken.None);
        _gateway = new HttpClient { BaseAddress = _system.GatewayAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        await (_system?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_providers?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_zipkin?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task Nothing_of_what_goes_through_is_found_in_the_clear_but_where_the_docs_say()
    {
        List<Canary> words = [_thrown, .. await SendAsync(), .. await NotifyAsync(), .. await TextAndPushAsync(), .. await ProcessAsync(), .. await PublishAsync(), .. await LookAsync()];
        foreach (var (queue, jobId) in _jobs)
        {
            await Jobs.WaitForAsync(_gateway!, jobId, record => record["state"]!.GetValue<string>() is "completed" or "failed", queue);
        }

        await ReadAnswersAsync();
        await SaveAsync();
        await _system!.DisposeAsync(); // Whatever was not written yet is now.
        _system = null;

        Assert.DoesNotContain(
            Directory.EnumerateFiles(_data.FullName, "*", SearchOption.AllDirectories), file => IsOthersToRead(file) && Path.GetFileName(file) is not ("run.lock" or "run.txt"));
        var places = Places().ToList();
        Assert.Contains(places, place => place.Name.StartsWith(Redis, StringComparison.Ordinal) && place.Bytes.Length > 10_000);
        Assert.True(_zipkin!.Spans.Count > 100, $"Only {_zipkin.Spans.Count} spans.");
        var found = words.SelectMany(word => places.Where(place => word.IsIn(place.Bytes)).Select(place => (Word: word, place.Name))).ToList();

        var wrong = found.Where(hit => !hit.Word.MayBe(hit.Name)).Select(hit => $"{hit.Word} in {hit.Name}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));

        // A search that finds nothing at all would pass too.
        Assert.All([Messages, Search, Notifications, Mail, Redis], place => Assert.Contains(found, hit => hit.Name.StartsWith(place, StringComparison.Ordinal)));
    }

    /// <summary>An attempt fails with what a handler should never say.</summary>
    public Task<JobOutcome> InvokeAsync(JobInfo job, Func<CancellationToken, Task<JobOutcome>> next, CancellationToken cancellationToken) =>
        job.JobId.StartsWith("throws-", StringComparison.Ordinal) ? throw new InvalidDataException($"Cannot do '{_thrown}'.") : next(cancellationToken);

    private async Task<Canary[]> SendAsync()
    {
        Canary secret = new("secret"), file = new("file"), name = new("name", Messages), plain = new("plain", Messages, Search), wrong = new("wrong"), address = new("mailof", Messages, Notifications, Mail);
        var (sender, recipient) = (Guid.NewGuid(), Guid.NewGuid());
        using var bytes = new ByteArrayContent(Encoding.ASCII.GetBytes($"%PDF {file}"));
        using var uploaded = await _gateway!.PostAsync(new Uri($"/attachments?userId={sender}&fileName={name}.pdf", UriKind.Relative), bytes, Cancellation);
        var attachment = (await uploaded.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["attachmentId"]!.GetValue<string>();

        var encrypted = Jobs.SendMessage(recipient, $"secretly {secret}");
        encrypted["data"]!["senderId"] = sender.ToString();
        encrypted["data"]!["requiresEncryption"] = true;
        encrypted["data"]!["attachments"] = new JsonArray(attachment);
        await AddAsync("message-delivery", encrypted);

        var clear = Jobs.SendMessage(recipient, $"plainly {plain}");
        clear["data"]!["metadata"] = new JsonObject { ["recipientEmail"] = $"{address}@example.org" };
        await AddAsync("message-delivery", clear);

        var failing = Jobs.SendMessage(recipient, $"failing {secret}");
        failing["data"]!["attachments"] = new JsonArray($"no-{wrong}");
        failing["data"]!["requiresEncryption"] = true;
        await AddAsync("message-delivery", failing);

        var throwing = Jobs.SendMessage(recipient, $"throwing {secret}", $"throws-{Guid.NewGuid():N}");
        throwing["data"]!["requiresEncryption"] = true;
        await AddAsync("message-delivery", throwing);

        await AddAsync("message-delivery", Jobs.Envelope("delivery-confirmation", new()
        {
            ["messageId"] = Guid.NewGuid().ToString(),
            ["recipientId"] = recipient.ToString(),
            ["status"] = "failed",
            ["failureReason"] = $"said {wrong}",
        }));
        foreach (var refused in new[]
        {
            $$"""{"type":"send-message","data":{"content":["{{wrong}}"],"messageId":"{{wrong}}","{{wrong}}":1 } }""", $$"""{"type":"{{wrong}}","data":{ } }""",
            $$"""{"type":"send-message","data":{"content":"{{wrong}}""", $$"""["{{wrong}}"]""", $$"""{"type":"send-message","data":"{{wrong}}"}""",
        })
        {
            using var answer = await Jobs.PostAsync(_gateway, "/queue/message-delivery/jobs", Encoding.UTF8.GetBytes(refused));
            Assert.Equal(400, (int)answer.StatusCode);
        }

        return [secret, file, name, plain, wrong, address];
    }

    private async Task<Canary[]> NotifyAsync()
    {
        Canary said = new("said", Notifications, Mail), mail = new("mail", Notifications, Mail), nobody = new("nobody");
        var wrongPhone = Canary.Phone();
        foreach (var (type, to) in new (string, (string, JsonNode)[])[]
        {
            ("email", [("recipientEmail", $"{mail}@example.org")]), ("in_app", []),
        })
        {
            var data = new JsonObject
            {
                ["recipientId"] = Guid.NewGuid().ToString(),
                ["type"] = type,
                ["title"] = $"New: {said}",
                ["message"] = $"It says {said}",
            };
            foreach (var (name, value) in to)
            {
                data[name] = value;
            }

            await AddAsync("message-notification", Jobs.Envelope("send-notification", data));
        }

        foreach (var (field, value) in new[] { ("recipientEmail", nobody.Word), ("recipientPhone", $"{wrongPhone}x{nobody}") })
        {
            var data = new JsonObject { ["recipientId"] = Guid.NewGuid().ToString(), ["type"] = field == "recipientEmail" ? "email" : "sms", ["title"] = "t", ["message"] = "m", [field] = value };
            using var answer = await _gateway!.PostAsJsonAsync("/queue/message-notification/jobs", Jobs.Envelope("send-notification", data), Cancellation);
            Assert.Equal(400, (int)answer.StatusCode);
        }

        return [said, mail, nobody, wrongPhone];
    }

    // Each number and token has a provider that answers in its own way, and repeats it.
    private async Task<Canary[]> TextAndPushAsync()
    {
        Canary unsaid = new("unsaid");
        var words = new List<(string Type, string How, Canary Word)>();
        foreach (var how in CanaryProviders.Sms)
        {
            words.Add(("sms", how, Canary.Phone(Notifications)));
            _providers!.AnswerSms(words[^1].Word.Word, how);
        }

        foreach (var how in CanaryProviders.Push)
        {
            words.Add(("push", how, new Canary("device")));
            _providers!.AnswerPush(words[^1].Word.Word, how);
        }

        foreach (var (type, _, word) in words)
        {
            await AddAsync("message-notification", Jobs.Envelope("send-notification", new()
            {
                ["recipientId"] = Guid.NewGuid().ToString(),
                ["type"] = type,
                ["title"] = $"New: {unsaid}",
                ["message"] = $"It says {unsaid}",
                [type == "sms" ? "recipientPhone" : "deviceTokens"] = type == "sms" ? word.Word : new JsonArray(word.Word),
            }));
        }

        // What waits for a provider is looked at as it waits, and then is not wanted any more; each when it comes to that, or one that has a provider left alone would do so
        // again and again while others wait for the provider.
        var sent = words.Zip(_jobs.TakeLast(words.Count)).ToList();
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var one in sent.ToList())
                {
                    if (await IsLookedAtAsync(one.First.Type, one.First.How, one.First.Word, one.Second.Queue, one.Second.JobId))
                    {
                        sent.Remove(one);
                    }
                }

                return sent.Count == 0;
            },
            TimeSpan.FromMinutes(3));
        _answers["answer to providers"] = await _gateway!.GetStringAsync(new Uri("/queue/message-notification/providers", UriKind.Relative), Cancellation);
        return [unsaid, .. words.Select(word => word.Word)];

        async Task<bool> IsLookedAtAsync(string type, string how, Canary word, string queue, string jobId)
        {
            var record = (await _gateway!.GetFromJsonAsync<JsonObject>(new Uri($"/queue/{queue}/jobs/{jobId}", UriKind.Relative), Cancellation))!;
            var state = record["state"]!.GetValue<string>();
            var isSeen = _providers!.Seen(word.Word) > 0;
            if (state is not ("completed" or "failed") && !(state == "delayed" && isSeen))
            {
                return false;
            }

            Assert.True(isSeen, $"Nothing was sent by {type} to '{how}': {record}");
            _answers[$"answer to {type} {how}"] = record.ToJsonString();
            if (state == "delayed")
            {
                _answers[$"answer to why {type} {how}"] = await _gateway!.GetStringAsync(new Uri($"/queue/{queue}/jobs/{jobId}/why", UriKind.Relative), Cancellation);
                using var cancelled = await _gateway.PostAsync(new Uri($"/queue/{queue}/jobs/{jobId}/cancel", UriKind.Relative), null, Cancellation);
            }

            return true;
        }
    }

    private async Task<Canary[]> ProcessAsync()
    {
        Canary indexed = new("indexed", Search), text = new("text"), cipher = new("cipher"), batch = new("batch"), variable = new("variable"), reason = new("reason"), scheduled = new("scheduled");
        var id = Guid.NewGuid().ToString();
        await AddAsync("message-indexing", Jobs.Envelope("index-message", new()
        {
            ["messageId"] = id,
            ["operation"] = "index",
            ["content"] = $"words {indexed}",
            ["senderId"] = id,
            ["conversationId"] = id,
        }));
        await AddAsync("message-encryption", Jobs.Envelope("encrypt-decrypt", new() { ["messageId"] = id, ["operation"] = "encrypt", ["content"] = text.Word }));
        await AddAsync("message-encryption", Jobs.Envelope("encrypt-decrypt", new() { ["messageId"] = id, ["operation"] = "decrypt", ["content"] = $"wc1.{cipher}" }));
        foreach (var isWhole in new[] { true, false })
        {
            var recipient = Guid.NewGuid().ToString();
            var data = new JsonObject
            {
                ["senderId"] = id,
                ["recipientIds"] = new JsonArray(recipient, Guid.NewGuid().ToString()),
                ["content"] = $"Dear {{{{{(isWhole ? "name" : "missing")}}}}}, {batch}",
                ["templateVariables"] = new JsonObject { ["name"] = variable.Word },
                ["customizedMessages"] = new JsonArray(new JsonObject { ["recipientId"] = recipient, ["content"] = $"Only for you: {batch}" }),
                ["requiresEncryption"] = true,
                ["chunkDelay"] = 0,
            };
            if (isWhole)
            {
                await AddAsync("batch-message-sending", Jobs.Envelope("batch-send", data));
                continue;
            }

            using var refused = await _gateway!.PostAsJsonAsync("/queue/batch-message-sending/jobs", Jobs.Envelope("batch-send", data), Cancellation);
            _answers["answer to a batch without a variable"] = await refused.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(400, (int)refused.StatusCode);
            Assert.Contains("data.recipientIds[1]", _answers["answer to a batch without a variable"], StringComparison.Ordinal);
        }

        await AddAsync("message-cleanup", Jobs.Envelope("cleanup-messages", new()
        {
            ["cleanupType"] = "old_messages",
            ["dryRun"] = true,
            ["metadata"] = new JsonObject { ["why"] = reason.Word },
        }));

        var job = Jobs.SendMessage(Guid.NewGuid(), $"again and again {scheduled}");
        job["data"]!["requiresEncryption"] = true;
        using var made = await _gateway!.PostAsJsonAsync("/queue/message-delivery/schedules", new JsonObject { ["id"] = "s", ["cron"] = "0 2 1 1 *", ["job"] = job }, Cancellation);
        _answers["answer to a schedule"] = await made.Content.ReadAsStringAsync(Cancellation);
        Assert.True(made.IsSuccessStatusCode, _answers["answer to a schedule"]);

        return [indexed, text, cipher, batch, variable, reason, scheduled];
    }

    // What others publish themselves lies on the stream as they put it there, until it has been taken from there.
    private async Task<Canary[]> PublishAsync()
    {
        Canary published = new("published", Redis), broken = new("broken", Redis), dead = new("dead", Redis);
        using var sidecar = new HttpClient { BaseAddress = _system!.SidecarAddress };
        var jobId = $"published-{Guid.NewGuid():N}";
        var envelope = Jobs.SendMessage(Guid.NewGuid(), published.Word, jobId);
        envelope["data"]!["requiresEncryption"] = true;
        await Jobs.PublishAsync(sidecar, envelope);
        _jobs.Add(("message-delivery", jobId));
        foreach (var body in new[] { $$"""{"type":"send-message","data":{"content":["{{broken}}"] } }""", $"{broken} is no JSON", $$"""{"jobId":"{{new string('x', 200)}}","data":"{{broken}}"}""" })
        {
            foreach (var contentType in new[] { "application/json", "text/plain", "application/octet-stream", "application/cloudevents+json" })
            {
                using var content = new StringContent(body, Encoding.UTF8, contentType);
                using var answer = await sidecar.PostAsync(new Uri("/v1.0/publish/jobs/message-delivery", UriKind.Relative), content, Cancellation);
            }
        }

        foreach (var topic in new[] { "message-delivery.dead-letter", "message-notification.dead-letter" })
        {
            await Jobs.PublishAsync(sidecar, new JsonObject { ["jobId"] = $"dead-{Guid.NewGuid():N}", ["type"] = "send-message", ["data"] = new JsonObject { ["content"] = dead.Word } }, topic: topic);
        }

        return [published, broken, dead];
    }

    private async Task<Canary[]> LookAsync()
    {
        Canary asked = new("asked"), token = new("token", Notifications), mail = new("sought", Notifications);
        var user = Guid.NewGuid();
        using var search = await _gateway!.GetAsync(new Uri($"/search?userId={user}&q={asked}", UriKind.Relative), Cancellation);
        Assert.True(search.IsSuccessStatusCode);
        using var device = await _gateway.PutAsJsonAsync($"/users/{user}/devices/{token}?userId={user}", new JsonObject(), Cancellation);
        using var suppress = await _gateway.PostAsJsonAsync("/queue/message-notification/suppressions", new JsonObject { ["channel"] = "email", ["address"] = $"{mail}@example.org" }, Cancellation);
        Assert.True(suppress.IsSuccessStatusCode);
        _answers["answer to suppressed"] = await suppress.Content.ReadAsStringAsync(Cancellation);
        _answers["answer to suppressions"] = await _gateway.GetStringAsync(new Uri("/queue/message-notification/suppressions", UriKind.Relative), Cancellation);
        return [asked, token, mail];
    }

    private async Task AddAsync(string queue, JsonObject envelope)
    {
        envelope["options"] ??= Quickly();
        _jobs.Add((queue, await Jobs.AddAsync(_gateway!, envelope, queue)));
    }

    private static JsonObject Quickly() => new() { ["attempts"] = 2, ["backoff"] = new JsonObject { ["type"] = "fixed", ["delay"] = 10 } };

    /// <summary>What the dashboard and every reader of the API get to see.</summary>
    private async Task ReadAnswersAsync()
    {
        string[] paths = ["/queue/audit?limit=1000", "/queue/failures", "/queue/metrics", "/queue/health", "/metrics", "/openapi/v1.json"];
        var queues = _jobs.Select(job => job.Queue).Distinct().SelectMany(queue => new[]
        {
            $"/queue/{queue}/jobs?limit=200", $"/queue/{queue}/failed?limit=200", $"/queue/{queue}/failures", $"/queue/{queue}/schedules", $"/queue/{queue}/workers",
        });
        var jobs = _jobs.SelectMany(job => new[] { $"/queue/{job.Queue}/jobs/{job.JobId}", $"/queue/{job.Queue}/jobs/{job.JobId}/why" });
        foreach (var path in paths.Concat(queues).Concat(jobs))
        {
            using var answer = await _gateway!.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            _answers[$"answer to {path}"] = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.IsSuccessStatusCode || path is "/queue/health" || path.EndsWith("/why", StringComparison.Ordinal), $"{path}: {_answers[$"answer to {path}"]}");
        }

        Assert.Equal(7, _services.Count);
        foreach (var (appId, services) in _services)
        {
            var address = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            _answers[$"metrics of {appId}"] = await _gateway!.GetStringAsync(new Uri($"{address}/metrics"), Cancellation);
        }
    }

    private static bool IsOthersToRead(string file) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.GroupRead)) != 0;

    private async Task SaveAsync()
    {
        await using var connection = await _redis!.ConnectAsync();
        await connection.GetServer(_redis.Host, _redis.Port).ExecuteAsync("SAVE");
    }

    private IEnumerable<(string Name, byte[] Bytes)> Places()
    {
        foreach (var file in Directory.EnumerateFiles(_data.FullName, "*", SearchOption.AllDirectories))
        {
            yield return ($"file {Path.GetRelativePath(_data.FullName, file)}", File.ReadAllBytes(file));
        }

        foreach (var file in Directory.EnumerateFiles(_redis!.Folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return ($"{Redis} {Path.GetRelativePath(_redis.Folder, file)}", bytes);
        }

        foreach (var line in _logs.Lines)
        {
            yield return ($"log {line}", Encoding.UTF8.GetBytes(line));
        }

        // The gateway of the test is in this process too, and what it is asked for is not ours to hide.
        foreach (var span in _zipkin!.Spans.Where(span => span["name"]?.GetValue<string>() != "GET /gateway/{to}"))
        {
            yield return ($"span {span.ToJsonString()}", Encoding.UTF8.GetBytes(span.ToJsonString()));
        }

        foreach (var (name, answer) in _answers)
        {
            yield return (name, Encoding.UTF8.GetBytes(answer));
        }
    }

    private sealed class Remembered(Action remember) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            remember();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
