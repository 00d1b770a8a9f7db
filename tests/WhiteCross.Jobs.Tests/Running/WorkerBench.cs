using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>A worker on an in-memory store, with a handler made of a lambda. Events come by <see cref="DeliverAsync"/>.</summary>
internal sealed class WorkerBench : IAsyncDisposable, IDeadLetterPublisher
{
    public const string Queue = "bench";
    public const string Type = "work";

    private static readonly ServiceProvider Services = new ServiceCollection().BuildServiceProvider();

    public WorkerBench(
        Func<Job<string>, CancellationToken, Task<JobOutcome>> handle,
        TimeProvider? time = null,
        Action<QueueOptions>? configure = null,
        Func<IJobStore, IJobStore>? decorate = null,
        IServiceScopeFactory? scopes = null,
        ILogger<QueueWorker>? logger = null)
        : this(
            (_, data, info, reporter, token) => handle(new Job<string>(System.Text.Encoding.UTF8.GetString(data.Span), info, reporter), token),
            time,
            configure,
            decorate,
            scopes,
            logger)
    {
    }

    public WorkerBench(
        JobInvoker invoke,
        TimeProvider? time = null,
        Action<QueueOptions>? configure = null,
        Func<IJobStore, IJobStore>? decorate = null,
        IServiceScopeFactory? scopes = null,
        ILogger<QueueWorker>? logger = null)
    {
        Time = time ?? TimeProvider.System;
        Options = new QueueOptions { Concurrency = 4 };
        configure?.Invoke(Options);
        Record = new InMemoryJobStore(_ => Options, Time);
        Store = decorate?.Invoke(Record) ?? Record;
        Worker = new QueueWorker(
            Queue,
            Store,
            Store,
            Options,
            new JobHandlerTable([KeyValuePair.Create(Type, invoke)]),
            scopes ?? Services.GetRequiredService<IServiceScopeFactory>(),
            this,
            Time,
            logger ?? NullLogger<QueueWorker>.Instance);
        Worker.Start();
    }

    public TimeProvider Time { get; }

    public QueueOptions Options { get; }

    /// <summary>The store itself, for looking at it and for acting as others do.</summary>
    public InMemoryJobStore Record { get; }

    /// <summary>The store as the worker sees it.</summary>
    public IJobStore Store { get; }

    public QueueWorker Worker { get; }

    public ConcurrentBag<string> DeadLetters { get; } = [];

    /// <summary>What happens before dead letters are published: an exception, or a wait.</summary>
    public Func<Task>? BeforeDeadLetters { get; set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static NewJob Job(string id, JobPriority priority = JobPriority.Normal, int attempts = 3, TimeSpan? timeout = null) => new()
    {
        JobId = id,
        Type = Type,
        Data = "\"x\""u8.ToArray(),
        Priority = priority,
        MaxAttempts = attempts,
        Backoff = new JobBackoff(JobBackoffType.Exponential, 2_000),
        Timeout = timeout ?? TimeSpan.FromSeconds(30),
    };

    public async Task<Task<DeliveryVerdict>> AddAndDeliverAsync(NewJob job)
    {
        await Record.AddAsync(Queue, [job], Cancellation);
        return DeliverAsync(job.JobId, job.Priority);
    }

    public Task<DeliveryVerdict> DeliverAsync(string id, JobPriority priority = JobPriority.Normal) =>
        Worker.DeliverAsync(new BeginRequest(id), priority).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    public async Task<JobRecord> GetAsync(string id) =>
        await Record.GetAsync(Queue, id, Cancellation) ?? throw new InvalidOperationException($"There is no job {id}.");

    public async Task PublishAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        await (BeforeDeadLetters?.Invoke() ?? Task.CompletedTask);
        foreach (var id in jobIds)
        {
            DeadLetters.Add(id);
        }

        await Record.ConfirmDeadLettersAsync(queue, jobIds, cancellationToken);
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
