using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Chaos.Checking;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Chaos.Running;

/// <summary>Adds jobs as its users do: by HTTP singly and in bulk, as events, also nameless ones, and some twice; and tries until each has been accepted.</summary>
internal sealed class Publisher(ProcessSystem system, NamelessJobs nameless, ChaosOptions options, TimeProvider time) : IDisposable
{
    private const int InBulk = 10;
    private const string Jobs = $"/queue/{JobQueues.MessageNotification}/jobs";

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly JobSource _source = new(options.Seed, options.Lease);

    public ConcurrentDictionary<string, AcceptedJob> Accepted { get; } = new(StringComparer.Ordinal);

    private Uri Gateway => system.App("queue-gateway").Address;

    private Uri Sidecar => system.App("queue-gateway").SidecarAddress;

    /// <summary>Adds jobs until it is told to stop; then returns when all that it began to add have been accepted.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        var adding = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / options.JobsPerSecond), time);
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            switch (random.Next(20))
            {
                case 0:
                    adding.Add(AddInBulkAsync([.. Enumerable.Range(0, InBulk).Select(_ => _source.Next("bulk-"))], cancellationToken));
                    break;
                case 1:
                    var withoutName = _source.Next(JobSource.ByEventOnly);
                    adding.Add(PublishNamelessAsync(withoutName, times: random.Next(1, 4), cancellationToken));
                    break;
                case < 5:
                    var byEvent = _source.Next(JobSource.ByEventOnly);
                    adding.Add(PublishAsync(byEvent, times: random.Next(1, 3), cancellationToken));
                    break;
                case 5:
                    // The same job by HTTP and as an event.
                    var both = _source.Next("both-");
                    adding.Add(AddAsync(both, cancellationToken));
                    adding.Add(PublishAsync(both, times: 1, cancellationToken));
                    break;
                default:
                    adding.Add(AddAsync(_source.Next("http-"), cancellationToken));
                    break;
            }
        }

        await Task.WhenAll(adding);
    }

    public Task AddAsync(string prefix, Behaviour behaviour, int milliseconds, string priority, CancellationToken cancellationToken) =>
        AddAsync(_source.Make(prefix, behaviour, milliseconds, priority), cancellationToken);

    public void Dispose() => _client.Dispose();

    private Task AddAsync((AcceptedJob Job, JsonObject Envelope) job, CancellationToken cancellationToken) => TryUntilAcceptedAsync(
        async () =>
        {
            using var answer = await _client.PostAsJsonAsync(new Uri(Gateway, Jobs), job.Envelope, cancellationToken);
            return Understood(answer) && Accept(job.Job);
        },
        cancellationToken);

    private Task AddInBulkAsync((AcceptedJob Job, JsonObject Envelope)[] jobs, CancellationToken cancellationToken) => TryUntilAcceptedAsync(
        async () =>
        {
            using var answer = await _client.PostAsJsonAsync(
                new Uri(Gateway, $"{Jobs}/bulk"), new JsonObject { ["jobs"] = new JsonArray([.. jobs.Select(job => job.Envelope.DeepClone())]) }, cancellationToken);
            return Understood(answer) && Array.TrueForAll(jobs, job => Accept(job.Job));
        },
        cancellationToken);

    private Task PublishAsync((AcceptedJob Job, JsonObject Envelope) job, int times, CancellationToken cancellationToken) => TryUntilAcceptedAsync(
        async () =>
        {
            for (var i = 0; i < times; i++)
            {
                using var answer = await _client.PostAsJsonAsync(new Uri(Sidecar, $"/v1.0/publish/jobs/{JobQueues.MessageNotification}"), job.Envelope, cancellationToken);
                if (!Understood(answer))
                {
                    return false;
                }
            }

            return Accept(job.Job);
        },
        cancellationToken);

    private Task PublishNamelessAsync((AcceptedJob Job, JsonObject Envelope) job, int times, CancellationToken cancellationToken) =>
        TryUntilAcceptedAsync(() => nameless.PublishAsync(job.Job, job.Envelope, times), cancellationToken);

    private bool Accept(AcceptedJob job)
    {
        Accepted[job.JobId] = job;
        return true;
    }

    private static bool Understood(HttpResponseMessage answer) => (int)answer.StatusCode is >= 400 and < 500 and not (int)HttpStatusCode.RequestTimeout
        ? throw new InvalidOperationException($"A job of the chaos run was refused: {answer.StatusCode} by {answer.RequestMessage!.RequestUri}.")
        : answer.IsSuccessStatusCode;

    private async Task TryUntilAcceptedAsync(Func<Task<bool>> attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await attempt())
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Whom it asks is dead or frozen just now; whether the job was taken nobody knows, and the same id makes it no second one.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }
}
