using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr.Delivering;
using WhiteCross.Jobs.Dapr.Maintaining;
using WhiteCross.Jobs.Dapr.Publishing;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Hosting;

/// <summary>One queue that this service works on: its worker and its maintenance, started and stopped with the service.</summary>
internal sealed class JobQueueHost : IHostedLifecycleService, IAsyncDisposable
{
    private readonly QueueWorker _worker;
    private readonly QueueMaintenance _maintenance;
    private readonly WorkerReporter _reporter;
    private readonly Arrivals _arrivals;

    public JobQueueHost(IServiceProvider services, QueueDefinition queue, JobHandlerTable handlers)
    {
        handlers.EnsureComplete(queue);
        Definition = queue;
        Options = services.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get(queue.Name);
        var outbox = services.GetRequiredService<IJobOutbox>();
        var arrivals = services.GetRequiredService<IJobArrivals>();
        var workers = services.GetRequiredService<IWorkerRegistry>();
        var time = services.GetRequiredService<TimeProvider>();
        var deadLetters = services.GetRequiredService<DeadLetterPublisher>();
        _maintenance = QueueMaintenance.Create(services, queue.Name, Options);
        _worker = new QueueWorker(
            queue.Name,
            services.GetRequiredService<IJobRuns>(),
            outbox,
            Options,
            handlers,
            services.GetRequiredService<IServiceScopeFactory>(),
            deadLetters,
            time,
            services.GetRequiredService<ILogger<QueueWorker>>());
        _worker.Postponed += due => _maintenance.WakeIn(due - time.GetUtcNow());
        var id = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("n")[..4]}";
        _reporter = new WorkerReporter(_worker, id, Options.Concurrency, workers, time, services.GetRequiredService<ILogger<WorkerReporter>>());
        _arrivals = new Arrivals(_worker, id, arrivals, outbox, workers, Options, time, services.GetRequiredService<ILogger<Arrivals>>());
        _arrivals.GaveBack += () => _maintenance.WakeIn(TimeSpan.Zero);
        var receiver = new JobEventReceiver(
            queue,
            Options,
            new ArrivalRecorder(queue.Name, arrivals, services.GetRequiredService<ILogger<ArrivalRecorder>>()),
            _arrivals,
            deadLetters,
            services.GetRequiredService<JobEnvelopeReader>(),
            services.GetRequiredService<ILogger<JobEventReceiver>>());
        Endpoint = ActivatorUtilities.CreateInstance<JobDeliveryEndpoint>(services, queue.Name, receiver);
    }

    public QueueDefinition Definition { get; }

    public QueueOptions Options { get; }

    public JobDeliveryEndpoint Endpoint { get; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before the server listens: the first event may come with its first moment.
        _worker.Start();
        _arrivals.Start();
        await _maintenance.StartAsync(cancellationToken);
        await _reporter.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the server stops listening, so that every event that is here gets its answer. Promotion first: what goes back to waiting now is
        // for other instances.
        await _maintenance.StopAsync(cancellationToken);
        await _arrivals.StopAsync();
        await _worker.DrainAsync(cancellationToken);
        await _reporter.StopAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _maintenance.Dispose();
        _reporter.Dispose();
        await _arrivals.DisposeAsync();
        await _worker.DisposeAsync();
    }
}
