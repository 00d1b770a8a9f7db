using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>The service on a free port, and what a test does with it: deliver jobs as a sidecar does, search by HTTP.</summary>
public sealed class IndexingService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _events;

    private IndexingService(WebApplication app, InMemoryJobStore jobs, LogCollector logs)
    {
        _app = app;
        Jobs = jobs;
        Logs = logs;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Its database, empty.</summary>
    public static MigratedDatabase Migrated { get; } = new(connectionString => MessageIndexingApp.Create([], builder =>
    {
        builder.Configuration[MessageIndexSetup.ConnectionSetting] = connectionString;
        builder.Logging.ClearProviders();
    }).RunOrMigrateAsync([DatabaseMigrationExtensions.Argument]));

    public HttpClient Http { get; }

    public InMemoryJobStore Jobs { get; }

    public LogCollector Logs { get; }

    internal IMessageIndex Index => _app.Services.GetRequiredService<IMessageIndex>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it.</summary>
    /// <param name="connectionString">Its database.</param>
    /// <param name="configure">What differs.</param>
    /// <param name="logsEverything">At every level, which a test asks for that looks for what must not be there.</param>
    public static async Task<IndexingService> StartAsync(string connectionString, Action<WebApplicationBuilder>? configure = null, bool logsEverything = false)
    {
        var jobs = new InMemoryJobStore(JobQueues.DefaultOptions);
        var logs = new LogCollector();
        var app = MessageIndexingApp.Create(["--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([
                new(MessageIndexSetup.ConnectionSetting, connectionString),
                new("Logging:LogLevel:Default", logsEverything ? "Trace" : "Information"), new("Logging:LogLevel:Microsoft.AspNetCore", logsEverything ? "Trace" : "Warning"),
            ]);
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            builder.UseJobsInMemory(jobs);
            builder.Services.AddSingleton<IReadableMessages, NothingHidden>();
            configure?.Invoke(builder);
        });
        try
        {
            await app.StartAsync(Token);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new IndexingService(app, jobs, logs);
    }

    /// <summary>Delivers a job as a sidecar does; returns its record after the attempt.</summary>
    public async Task<JobRecord> DeliverAsync(IndexMessageJob job, string? jobId = null)
    {
        jobId ??= $"job-{Interlocked.Increment(ref _events)}";
        using var answer = await PostAsync(EventOf(job, jobId).ToJsonString(), "application/cloudevents+json");
        Assert.Equal("SUCCESS", (await answer.Content.ReadFromJsonAsync<JsonObject>(Token))!["status"]!.GetValue<string>());
        return (await Jobs.GetAsync(JobQueues.MessageIndexing, jobId, Token))!;
    }

    /// <summary>Delivers jobs in one bulk; returns the statuses of the answer.</summary>
    public async Task<IReadOnlyList<string>> DeliverBulkAsync(IEnumerable<(string JobId, JsonNode Data)> jobs)
    {
        var bulk = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["metadata"] = new JsonObject(),
            ["pubsubname"] = "jobs",
            ["topic"] = JobQueues.MessageIndexing,
            ["type"] = "com.dapr.event.sent.bulk",
            ["entries"] = new JsonArray([.. jobs.Select(job => new JsonObject
            {
                ["entryId"] = job.JobId,
                ["contentType"] = "application/cloudevents+json",
                ["event"] = EventOf(job.Data, job.JobId),
            })]),
        };
        using var answer = await PostAsync(bulk.ToJsonString(), "application/json");
        return [.. (await answer.Content.ReadFromJsonAsync<JsonObject>(Token))!["statuses"]!.AsArray().Select(status => status!["status"]!.GetValue<string>())];
    }

    /// <summary>Searches as the nurse, or as whom the parameters say.</summary>
    internal async Task<SearchAnswer> SearchAsync(string query, string parameters = "", Guid? user = null) =>
        (await Http.GetFromJsonAsync<SearchAnswer>($"/search?q={Uri.EscapeDataString(query)}&userId={user ?? Some.Nurse}{parameters}", Token))!;

    public static JsonNode DataOf(IndexMessageJob job) => System.Text.Json.JsonSerializer.SerializeToNode(job, JobsJsonContext.Default.IndexMessageJob)!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        content.Headers.Add("dapr-api-token", "a-sidecars-token");
        var answer = await Http.PostAsync(new Uri($"/deliveries/{JobQueues.MessageIndexing}", UriKind.Relative), content, Token);
        return answer.EnsureSuccessStatusCode();
    }

    private static JsonObject EventOf(IndexMessageJob job, string jobId) => EventOf(DataOf(job), jobId);

    private static JsonObject EventOf(JsonNode data, string jobId) => new()
    {
        ["id"] = $"event-{jobId}",
        ["specversion"] = "1.0",
        ["type"] = "com.dapr.event.sent",
        ["source"] = "test",
        ["datacontenttype"] = "application/json",
        ["data"] = new JsonObject { ["jobId"] = jobId, ["type"] = IndexMessageJob.JobType, ["data"] = data.DeepClone() },
    };

    /// <summary>What is indexed here is no message of the delivery service, which therefore hides none of it.</summary>
    private sealed class NothingHidden : IReadableMessages
    {
        public Task<IReadOnlySet<Guid>> HiddenFromAsync(Guid userId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<Guid>>(new HashSet<Guid>());
    }
}
