using System.Diagnostics.CodeAnalysis;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The queues, and the options each one starts from.</summary>
public static class JobQueues
{
    /// <summary>Delivers messages and moves their status: <c>send-message</c>, <c>delivery-confirmation</c>.</summary>
    public const string MessageDelivery = "message-delivery";

    /// <summary>Notifies people by e-mail, SMS, push and in the app: <c>send-notification</c>.</summary>
    public const string MessageNotification = "message-notification";

    /// <summary>Keeps the full-text index: <c>index-message</c>.</summary>
    public const string MessageIndexing = "message-indexing";

    /// <summary>Encrypts and decrypts contents: <c>encrypt-decrypt</c>.</summary>
    public const string MessageEncryption = "message-encryption";

    /// <summary>Sends one message to many: <c>batch-send</c>.</summary>
    public const string BatchMessageSending = "batch-message-sending";

    /// <summary>Removes what is past its retention: <c>cleanup-messages</c>.</summary>
    public const string MessageCleanup = "message-cleanup";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly (string Queue, Func<QueueOptions> Options)[] Table =
    [
        (MessageDelivery,
            () => Options(10, 5, JobBackoffType.Exponential, 2_000, TimeSpan.FromSeconds(30), (1000, Day), (2000, 7 * Day))),
        (MessageNotification,
            () => Options(15, 3, JobBackoffType.Exponential, 1_000, TimeSpan.FromSeconds(20), (500, Day / 2), (1000, 3 * Day))),
        (MessageIndexing,
            () => Options(3, 3, JobBackoffType.Exponential, 3_000, TimeSpan.FromSeconds(60), (500, Day), (1000, 3 * Day))),
        (MessageEncryption,
            () => Options(5, 3, JobBackoffType.Exponential, 2_000, TimeSpan.FromSeconds(45), (500, Day), (1000, 7 * Day))),
        (BatchMessageSending,
            () => Options(2, 3, JobBackoffType.Exponential, 5_000, TimeSpan.FromMinutes(5), (100, 2 * Day), (200, 7 * Day))),
        (MessageCleanup,
            () => Options(1, 2, JobBackoffType.Fixed, 10_000, TimeSpan.FromMinutes(10), (50, Day), (100, 7 * Day))),
    ];

    /// <summary>All queues, in the order in which they are shown.</summary>
    public static IReadOnlyList<QueueDefinition> All { get; } = [.. Table.Select(row => new QueueDefinition(row.Queue, JobTypeRegistry.Default.JobTypesOf(row.Queue)))];

    /// <summary>Finds a queue by its name.</summary>
    /// <param name="name">The name; exact.</param>
    /// <param name="queue">The queue, when there is one of that name.</param>
    public static bool TryGet(string name, [NotNullWhen(true)] out QueueDefinition? queue)
    {
        queue = All.FirstOrDefault(candidate => candidate.Name == name);
        return queue is not null;
    }

    /// <summary>The queue of that name.</summary>
    /// <param name="name">The name; exact.</param>
    /// <exception cref="ArgumentException">There is no queue of that name.</exception>
    public static QueueDefinition Get(string name) =>
        TryGet(name, out var queue)
            ? queue
            : throw new ArgumentException($"There is no queue '{name}'; there are {string.Join(", ", All.Select(q => q.Name))}.", nameof(name));

    /// <summary>A fresh copy of the options that a queue has when nothing is configured.</summary>
    /// <param name="queue">The queue's name. One that is none of them gets the options of <see cref="MessageDelivery"/>.</param>
    public static QueueOptions DefaultOptions(string queue) =>
        (Table.FirstOrDefault(row => row.Queue == queue).Options ?? Table[0].Options)();

    private static QueueOptions Options(
        int concurrency, int attempts, JobBackoffType backoff, long delay, TimeSpan timeout, (int Count, TimeSpan Age) completed, (int Count, TimeSpan Age) failed) =>
        new()
        {
            Concurrency = concurrency,
            Attempts = attempts,
            BackoffType = backoff,
            BackoffDelay = TimeSpan.FromMilliseconds(delay),
            JobTimeout = timeout,
            KeepCompleted = completed.Count,
            KeepCompletedFor = completed.Age,
            KeepFailed = failed.Count,
            KeepFailedFor = failed.Age,
        };
}
