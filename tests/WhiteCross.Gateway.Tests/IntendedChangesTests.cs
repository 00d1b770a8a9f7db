using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>Changes that lie in another service: they are on record before they are asked for, so that there is none without its entry.</summary>
public sealed class IntendedChangesTests
{
    private static readonly string Hold = $"/queue/legal-holds/{Guid.NewGuid()}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Changes => new()
    {
        { "PUT", Hold }, { "DELETE", Hold },
        { "POST", "/queue/message-notification/suppressions" }, { "DELETE", $"/queue/message-notification/suppressions/{Guid.NewGuid()}" },
        { "POST", "/queue/message-notification/suppressions/find" },
        { "POST", "/queue/batch-message-sending/jobs/a/pause" }, { "POST", "/queue/batch-message-sending/jobs/a/resume" },
        { "POST", $"/queue/people/{Guid.NewGuid()}/export?reason=asked" }, { "POST", "/queue/batch-message-sending/jobs/a/reveal?reason=asked" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_cannot_be_put_on_record__is_not_asked_for(string method, string path)
    {
        var asked = 0;
        await using var sidecar = await StartSidecarAsync(context =>
        {
            asked += context.Request.Path.Value!.Contains("internal", StringComparison.Ordinal) ? 1 : 0;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(new RecordingLog { IsAway = true }, sidecar);

        using var answer = await SendAsync(gateway, method, path);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotEqual("unknown", (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["outcome"]?.GetValue<string>());
        Assert.Equal(0, asked);
    }

    [Theory]
    [InlineData(204, "intended asked, added done")]
    [InlineData(404, "intended asked, forgotten")]
    [InlineData(500, "intended asked, added unknown")]
    public async Task What_came_of_it__is_on_record_too(int status, string expected)
    {
        await using var sidecar = await StartSidecarAsync(async context =>
        {
            context.Response.StatusCode = status;
            if (status == 404)
            {
                await context.Response.WriteAsJsonAsync(new { title = "None." }, options: null, "application/problem+json");
            }
        });
        var log = new RecordingLog();
        await using var gateway = await StartAsync(log, sidecar);

        using var answer = await SendAsync(gateway, "DELETE", Hold);

        Assert.Equal(expected, string.Join(", ", log.Calls));
    }

    [Fact]
    public async Task Added_jobs__carry_their_request__and_schedules_say_what_they_add()
    {
        var (log, notes) = (new RecordingLog(), new ConcurrentQueue<(string Job, string? Note)>());
        await using var gateway = await GatewayHost.StartAsync(
            store => NotingStore.Of(store, notes), TimeProvider.System, services => services.AddSingleton<IAuditLog>(log));
        using var one = await gateway.PostAsync("/queue/message-delivery/jobs", GatewayHost.Message("one"));
        using var bulk = await gateway.PostAsync("/queue/message-delivery/jobs/bulk", $$"""{ "jobs": [{{GatewayHost.Message("two")}}, {{GatewayHost.Message("three")}}] }""");
        using var person = await gateway.PostAsync($"/queue/people/{Guid.NewGuid()}/erase?reason=asked");
        using var schedule = await gateway.PostAsync("/queue/message-delivery/schedules", $$"""{ "id": "hourly", "every": 3600000, "job": {{GatewayHost.Message()}} }""");
        using var run = await gateway.PostAsync("/queue/message-delivery/schedules/hourly/run");

        Assert.Equal(HttpStatusCode.Accepted, run.StatusCode);
        var added = notes.ToArray();
        Assert.Equal(["AddJob one", "AddJobs ", "AddJobs ", "ErasePerson", "RunSchedule hourly"], added.Select(add => add.Note?.StartsWith("ErasePerson", StringComparison.Ordinal) == true ? "ErasePerson" : add.Note));
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayHost gateway, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (method != "DELETE")
        {
            object body = path == Hold ? new { userId = Guid.NewGuid(), reason = "a case" } : new { channel = "email", address = "a@example.org" };
            request.Content = path.Contains("suppressions", StringComparison.Ordinal) || path == Hold ? JsonContent.Create(body) : null;
        }

        return await gateway.Client.SendAsync(request, Cancellation);
    }

    private static Task<GatewayHost> StartAsync(RecordingLog log, WebApplication sidecar) => GatewayHost.StartAsync(
        null, TimeProvider.System, services => services.AddSingleton<IAuditLog>(log), ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));

    private static async Task<WebApplication> StartSidecarAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed class RecordingLog : IAuditLog
    {
        public bool IsAway { get; init; }

        public ConcurrentQueue<string> Calls { get; } = new();

        public Task IntendAsync(AuditEntry entry, CancellationToken cancellationToken) => IsAway ? throw new JobStoreUnavailableException() : Note($"intended {entry.Outcome}");

        public Task ForgetAsync(AuditEntry entry) => Note("forgotten");

        public JobNote? NoteOf(AuditEntry entry) => new($"{entry.Action} {entry.Target}", "{}"u8.ToArray());

        public Task AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) => Note($"added {entries[0].Outcome}");

        public Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<AuditEntry>>([]);

        public IAsyncEnumerable<AuditLink> ReadAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<AuditLink>();

        private Task Note(string call)
        {
            Calls.Enqueue(call);
            return Task.CompletedTask;
        }
    }
}

/// <summary>A job store that tells the notes of the jobs that are added to it.</summary>
public class NotingStore : DispatchProxy
{
    private IJobStore? _inner;
    private ConcurrentQueue<(string Job, string? Note)>? _notes;

    public static IJobStore Of(IJobStore inner, ConcurrentQueue<(string Job, string? Note)> notes)
    {
        var store = Create<IJobStore, NotingStore>();
        ((NotingStore)(object)store)._inner = inner;
        ((NotingStore)(object)store)._notes = notes;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (targetMethod.Name == nameof(IJobStore.AddAsync))
        {
            foreach (var job in (IReadOnlyList<NewJob>)args![1]!)
            {
                _notes!.Enqueue((job.JobId, job.Note?.Id));
            }
        }

        return targetMethod.Invoke(_inner, args);
    }
}
