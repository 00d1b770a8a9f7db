using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Client.Tests;

/// <summary>What the client does when an answer is missing, or says that nobody knows.</summary>
public sealed class MissingAnswersTests : IDisposable
{
    private const string Unknown = """{"status":503,"title":"Job store away","outcome":"unknown","jobId":"x"}""";
    private const string None = """{"status":503,"title":"Job store away","outcome":"none"}""";

    private readonly FakeTimeProvider _time = new();
    private readonly Gateway _gateway = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task An_unknown_add__is_sent_again_with_the_same_id()
    {
        _gateway.Answers.Enqueue(() => Problem(Unknown));
        _gateway.Answers.Enqueue(() => throw new HttpRequestException(HttpRequestError.ResponseEnded));
        _gateway.Answers.Enqueue(() => Json(HttpStatusCode.OK, "{}"));

        var added = await Advancing(Create().AddMessageCleanupJobAsync(Job(), cancellationToken: Cancellation));

        Assert.Null(added.IsNew);
        Assert.Equal(3, _gateway.Requests.Count);
        Assert.Single(_gateway.Requests.Distinct());
        Assert.Contains(added.JobId, _gateway.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_add_that_stays_unknown__says_so_and_has_the_id()
    {
        _gateway.Always = () => Problem(Unknown);

        var exception = await Assert.ThrowsAsync<JobsUnavailableException>(() => Advancing(Create().AddMessageCleanupJobAsync(Job(), jobId: "mine", cancellationToken: Cancellation)));

        Assert.Equal((true, "mine"), (exception.IsOutcomeUnknown, exception.JobId));
        Assert.Equal(4, _gateway.Requests.Count);
    }

    [Fact]
    public async Task An_add_that_did_nothing__is_not_repeated()
    {
        _gateway.Always = () => Problem(None);

        var exception = await Assert.ThrowsAsync<JobsUnavailableException>(() => Advancing(Create().AddMessageCleanupJobAsync(Job(), cancellationToken: Cancellation)));

        Assert.False(exception.IsOutcomeUnknown);
        Assert.Single(_gateway.Requests);
    }

    [Fact]
    public async Task A_bulk__is_repeated_with_the_same_ids_and_what_was_removed_before_is_named()
    {
        _gateway.Answers.Enqueue(() => Problem(Unknown));
        _gateway.Answers.Enqueue(() => Json(HttpStatusCode.Accepted, """{"accepted":[],"rejected":[{"index":1,"errors":{"jobId":["was removed"]}}]}"""));

        var exception = await Assert.ThrowsAsync<JobsValidationException>(() => Advancing(Create().AddBulkAsync([new JobToAdd<CleanupMessagesJob>(Job()), new(Job())], Cancellation)));

        Assert.Equal(["jobs[1].jobId"], exception.Errors.Keys);
        Assert.Single(_gateway.Requests.Distinct());
    }

    [Fact]
    public async Task A_removed_id__is_an_error_of_its_field()
    {
        _gateway.Always = () => Problem("""{"status":410,"detail":"Job 'a' was removed.","remains":"removed"}""", HttpStatusCode.Gone);

        var exception = await Assert.ThrowsAsync<JobsValidationException>(() => Create().AddMessageCleanupJobAsync(Job(), jobId: "a", cancellationToken: Cancellation));

        Assert.Equal(["jobId"], exception.Errors.Keys);
    }

    [Fact]
    public async Task Waiting_for_a_job_that_is_forgotten_at_its_end__returns_its_end()
    {
        _gateway.Answers.Enqueue(() => Json(HttpStatusCode.OK, """{"jobId":"a","queue":"message-cleanup","type":"cleanup-messages","state":"active"}"""));
        _gateway.Answers.Enqueue(() => Stream("event: state\ndata: {\"jobId\":\"a\",\"queue\":\"message-cleanup\",\"state\":\"completed\",\"at\":\"2026-01-31T08:00:00+00:00\"}\n\n"));
        _gateway.Always = () => Problem("""{"status":404}""", HttpStatusCode.NotFound);

        var record = await Advancing(Create().WaitForEndAsync("message-cleanup", "a", Cancellation));

        Assert.Equal((JobState.Completed, "cleanup-messages"), (record.State, record.Type));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero), record.FinishedAt);
    }

    [Fact]
    public async Task Waiting_for_a_job_that_is_forgotten_already__returns_its_end()
    {
        _gateway.Always = () => Problem("""{"status":404,"remains":"failed"}""", HttpStatusCode.NotFound);

        Assert.Equal(JobState.Failed, (await Create().WaitForEndAsync("message-cleanup", "a", Cancellation)).State);
    }

    [Fact]
    public async Task Waiting_while_the_stream_answers_errors__asks_with_growing_pauses()
    {
        _gateway.Always = () => _gateway.Requests[^1].Contains("/events", StringComparison.Ordinal)
            ? Problem("""{"status":500}""", HttpStatusCode.InternalServerError)
            : Json(HttpStatusCode.OK, """{"jobId":"a","queue":"message-cleanup","type":"cleanup-messages","state":"active"}""");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var waiting = Create().WaitForEndAsync("message-cleanup", "a", patience.Token);
        await Eventually.TrueAsync(() => _gateway.Requests.Count >= 2);
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.InRange(_gateway.Requests.Count, 2, 60);
    }

    [Fact]
    public async Task A_watched_job__is_watched_across_a_restart_of_the_gateway()
    {
        const string Event = """data: {"jobId":"a","queue":"message-cleanup","at":"2026-01-31T08:00:00+00:00","state":""";
        _gateway.Answers.Enqueue(() => Stream($"event: state\n{Event}\"active\"}}\n\nevent: log\n{Event}\"active\",\"line\":\"half\"}}\n\nevent: unheard-of\n{Event}\"active\"}}\n\n"));
        _gateway.Answers.Enqueue(() => throw new HttpRequestException(HttpRequestError.ConnectionError));
        _gateway.Answers.Enqueue(() => Stream($"event: state\n{Event}\"completed\"}}\n\n"));

        var seen = await Advancing(Create<IQueuesClient>().WatchJobAsync("message-cleanup", "a", Cancellation).ToListAsync(Cancellation).AsTask());

        Assert.Equal([JobEventKind.State, JobEventKind.Log, JobEventKind.Other, JobEventKind.State], seen.Select(change => change.Kind));
        Assert.Equal(("half", true), (seen[1].Line, seen[3].IsEnd));
    }

    [Fact]
    public async Task What_is_watched_through_a_sidecar__is_watched_across_restarts_of_the_gateway_and_of_the_sidecar()
    {
        const string Event = """data: {"jobId":"a","queue":"message-cleanup","at":"2026-01-31T08:00:00+00:00","state":""";
        _gateway.Answers.Enqueue(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream($"event: state\n{Event}\"active\"}}\n\n")) });
        _gateway.Answers.Enqueue(() => Json(HttpStatusCode.InternalServerError, """{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: queue-gateway"}"""));
        _gateway.Answers.Enqueue(() => throw new HttpRequestException(HttpRequestError.ConnectionError));
        _gateway.Answers.Enqueue(() => Stream($"event: state\n{Event}\"completed\"}}\n\n"));

        var queues = Create<IQueuesClient>(options => options.Sidecar = new Uri("http://sidecar"));
        var seen = await Advancing(queues.WatchJobAsync("message-cleanup", "a", Cancellation).ToListAsync(Cancellation).AsTask());

        Assert.Equal([JobState.Active, JobState.Completed], seen.Select(change => change.State));
        Assert.Equal(["http://sidecar/v1.0/invoke/queue-gateway/method/queue/message-cleanup/jobs/a/events"], _gateway.Requests.Distinct());
    }

    [Fact]
    public async Task A_watch_that_never_connects_again__ends_after_a_while()
    {
        _gateway.Answers.Enqueue(() => Stream(string.Empty));
        _gateway.Always = () => Problem("""{"status":503}""");

        await Assert.ThrowsAsync<JobsUnavailableException>(() => Advancing(Create<IQueuesClient>().WatchAsync(cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask()));

        Assert.Equal(16, _gateway.Requests.Count);
    }

    [Fact]
    public async Task Unhealthy__is_an_answer()
    {
        _gateway.Answers.Enqueue(() => Json(HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","queues":{},"checkedAt":"2026-01-31T08:00:00+00:00"}"""));
        _gateway.Answers.Enqueue(() => Problem(None));

        Assert.Equal(QueueHealthStatus.Unhealthy, (await Create<IQueuesClient>().GetHealthAsync(Cancellation)).Status);
        await Assert.ThrowsAsync<JobsUnavailableException>(() => Create<IQueuesClient>().GetHealthAsync(Cancellation));
    }

    [Theory]
    [InlineData("text/html", "<html>")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "{\"queues\":1}")]
    public async Task What_answers_and_is_no_gateway__is_said_as_such(string type, string body)
    {
        _gateway.Always = () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, type) };

        await Assert.ThrowsAsync<JobsUnavailableException>(() => Create<IQueuesClient>().GetMetricsAsync(Cancellation));

        // Nor is a job's end waited for where it will never be told.
        await Assert.ThrowsAsync<JobsUnavailableException>(() => Advancing(Create<IJobsClient>().WaitForEndAsync("message-cleanup", "a", Cancellation)));
    }

    private static CleanupMessagesJob Job() => new() { CleanupType = CleanupType.OldMessages };

    private static HttpResponseMessage Problem(string json, HttpStatusCode status = HttpStatusCode.ServiceUnavailable) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/problem+json") };

    private static HttpResponseMessage Json(HttpStatusCode status, string json) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Stream(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "text/event-stream") };

    // Lets the client's pauses pass until it is done.
    private async Task<T> Advancing<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(work, Task.Delay(1, Cancellation));
        }

        return await work;
    }

    private IJobsClient Create() => Create<IJobsClient>();

    private TClient Create<TClient>(Action<JobsClientOptions>? configure = null)
        where TClient : notnull
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<TimeProvider>(_time);
        services.AddJobsClient(configure ?? (options => options.Gateway = new Uri("http://gateway")));
        services.ConfigureAll<HttpClientFactoryOptions>(options => options.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = _gateway));
        return services.BuildServiceProvider().GetRequiredService<TClient>();
    }

    /// <summary>Breaks off after a text.</summary>
    private sealed class BrokenStream(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var count and not 0 ? count : throw new HttpIOException(HttpRequestError.ResponseEnded);
    }

    private sealed class Gateway : HttpMessageHandler
    {
        public Queue<Func<HttpResponseMessage>> Answers { get; } = new();

        public Func<HttpResponseMessage>? Always { get; set; }

        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.Content is null ? request.RequestUri!.ToString() : await request.Content.ReadAsStringAsync(cancellationToken));
            return Answers.TryDequeue(out var answer) ? answer() : Always!();
        }
    }
}
