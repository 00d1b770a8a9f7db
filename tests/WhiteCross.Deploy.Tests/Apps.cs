using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Deploy.Tests;

/// <summary>The apps, and who talks to whom: what all files of configuration are measured by.</summary>
internal static class Apps
{
    public const string Gateway = "queue-gateway";

    /// <summary>App ids in the order of their ports, from 5080, 3500 and 50001 up.</summary>
    public static IReadOnlyList<(string Id, string Folder)> All { get; } =
    [
        (Gateway, "Gateway"),
        (JobQueues.MessageDelivery, "MessageDelivery"),
        (JobQueues.MessageNotification, "MessageNotification"),
        (JobQueues.MessageIndexing, "MessageIndexing"),
        (JobQueues.MessageEncryption, "MessageEncryption"),
        (JobQueues.BatchMessageSending, "BatchMessageSending"),
        (JobQueues.MessageCleanup, "MessageCleanup"),
    ];

    public static IReadOnlyList<string> Ids { get; } = [.. All.Select(app => app.Id)];

    /// <summary>The ports that `dapr init` takes on this machine: Redis, Zipkin, placement and scheduler with their health and metrics, and etcd.</summary>
    public static IReadOnlyList<int> TakenPorts { get; } = [6379, 9411, 50005, 50006, 6050, 6060, 58080, 58081, 59090, 59091, 2379];

    /// <summary>The gRPC port of an app's sidecar: from 50001 up, without those that are taken.</summary>
    public static int GrpcPort(int index) => Enumerable.Range(50001, 100).Except(TakenPorts).ElementAt(index);

    public static int IndexOf(string app) => Ids.Index().Where(pair => pair.Item == app).Select(pair => (int?)pair.Index).SingleOrDefault()
        ?? throw new ArgumentException($"There is no app {app}; Apps.All has {string.Join(", ", Ids)}.", nameof(app));

    public static IReadOnlyList<string> Queues { get; } = [.. JobQueues.All.Select(queue => queue.Name)];

    public static IReadOnlyList<string> DeadLetterTopics { get; } = [.. JobQueues.All.Select(queue => queue.DeadLetterTopic)];

    /// <summary>The apps that invoke an app; those that are not here nobody invokes.</summary>
    public static IReadOnlyDictionary<string, string[]> CallersOf { get; } = new Dictionary<string, string[]>
    {
        [JobQueues.MessageEncryption] = [JobQueues.MessageDelivery],
        [JobQueues.MessageDelivery] = [Gateway, JobQueues.MessageIndexing, JobQueues.MessageNotification, JobQueues.MessageCleanup, JobQueues.BatchMessageSending],
        [JobQueues.MessageNotification] = [Gateway, JobQueues.MessageDelivery, JobQueues.MessageCleanup],
        [JobQueues.MessageIndexing] = [JobQueues.MessageCleanup],
        [JobQueues.BatchMessageSending] = [Gateway],
    };

    /// <summary>The secrets of the store <c>secrets</c> that an app reads.</summary>
    public static IReadOnlyDictionary<string, string[]> SecretsOf { get; } = new Dictionary<string, string[]>
    {
        [JobQueues.MessageEncryption] = ["message-keys"],
    };

    /// <summary>The queues whose jobs an app publishes.</summary>
    public static IReadOnlyList<string> PublishesTo(string app) => app switch
    {
        Gateway => Queues,
        JobQueues.MessageDelivery => [JobQueues.MessageDelivery, JobQueues.MessageNotification, JobQueues.MessageIndexing],
        JobQueues.BatchMessageSending => [JobQueues.BatchMessageSending, JobQueues.MessageDelivery],
        JobQueues.MessageCleanup => [JobQueues.MessageCleanup, JobQueues.MessageIndexing],
        _ => [app],
    };
}
