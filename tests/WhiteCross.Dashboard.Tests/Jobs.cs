using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Jobs in every state: some through the real services, others put on record and moved as a service would.</summary>
internal static class Jobs
{
    public const string Delivery = "message-delivery";
    public const string Notification = "message-notification";
    public const string Secret = "Secret diagnosis";

    public const LeaseState LeaseIsCancelled = LeaseState.CancelRequested;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The queues' own options, but a run that a test began is not taken for stalled while the browser is slow.</summary>
    public static QueueOptions LongLeases(string queue)
    {
        var options = JobQueues.DefaultOptions(queue);
        options.Lease = TimeSpan.FromMinutes(10);
        return options;
    }

    public static JsonObject Message(string? jobId = null, string content = Secret)
    {
        var envelope = new JsonObject
        {
            ["type"] = "send-message",
            ["data"] = new JsonObject
            {
                ["messageId"] = Guid.NewGuid().ToString(),
                ["senderId"] = Guid.NewGuid().ToString(),
                ["recipientId"] = Guid.NewGuid().ToString(),
                ["conversationId"] = Guid.NewGuid().ToString(),
                ["content"] = content,
            },
        };
        if (jobId is not null)
        {
            envelope["jobId"] = jobId;
        }

        return envelope;
    }

    public static JsonObject Notice() => new()
    {
        ["type"] = "send-notification",
        ["data"] = new JsonObject { ["recipientId"] = Guid.NewGuid().ToString(), ["type"] = "in_app", ["title"] = "Appointment", ["message"] = Secret },
    };

    /// <summary>Puts a job on record without an event, so that no service begins it before the test does.</summary>
    public static Task PutAsync(
        this DashboardSystem system, string jobId, string queue = Notification, string type = "send-notification", TimeSpan delay = default, JobPriority priority = JobPriority.Normal) =>
        system.Store.AddAsync(
            queue,
            [new NewJob { JobId = jobId, Type = type, Delay = delay, Priority = priority, Data = JsonSerializer.SerializeToUtf8Bytes(new { title = Secret }) }],
            Cancellation);

    public static async Task<JobRun> BeginAsync(this DashboardSystem system, string jobId, string queue = Notification) =>
        (await system.Store.BeginAsync(queue, [new BeginRequest(jobId)], Cancellation))[0].Run ?? throw new InvalidOperationException($"{jobId} cannot begin.");

    public static async Task PutFailedAsync(this DashboardSystem system, string jobId, string error, string? stack = null, string queue = Notification)
    {
        await system.PutAsync(jobId, queue);
        var run = await system.BeginAsync(jobId, queue);
        await system.Store.FinishAsync(queue, [new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError(error, stack) }], Cancellation);
    }

    public static Task ReportAsync(this DashboardSystem system, JobRun run, JobProgress progress, string log, string queue = Notification) => system.Store.ReportAsync(
        queue,
        [new RunReport(run.Key) { Progress = JsonSerializer.SerializeToUtf8Bytes(progress, JobsJsonContext.Default.JobProgress), Logs = [log] }],
        Cancellation);

    public static Task CompleteAsync(this DashboardSystem system, JobRun run, string queue = Notification) => system.Store.FinishAsync(
        queue, [new RunEnd(run.Key, RunEndKind.Completed) { Result = """{"sent":true}"""u8.ToArray() }], Cancellation);

    /// <summary>A paused queue takes what is retried without running it.</summary>
    public static Task PauseAsync(this DashboardSystem system, string queue = Notification) => system.Store.PauseAsync(queue, Cancellation);
}
