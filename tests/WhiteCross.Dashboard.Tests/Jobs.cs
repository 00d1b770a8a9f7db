using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>Jobs in every state: some through the real services, others moved in the store as a service would.</summary>
internal static class Jobs
{
    public const string Delivery = "message-delivery";
    public const string Notification = "message-notification";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static JsonObject Message(string? jobId = null, string content = "The patient's results are in.")
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

    public static JsonObject Notice(string jobId, int delay = 0) => new()
    {
        ["jobId"] = jobId,
        ["type"] = "send-notification",
        ["data"] = new JsonObject { ["recipientId"] = Guid.NewGuid().ToString(), ["type"] = "in_app", ["title"] = "Secret title", ["message"] = "Secret message" },
        ["options"] = new JsonObject { ["delay"] = delay },
    };

    /// <summary>A notification that failed for good, as its service would have failed it.</summary>
    public static async Task AddFailedAsync(this DashboardSystem system, string jobId, string error, string? stack = null)
    {
        await system.AddAsync(Notification, Notice(jobId));
        await system.FailAsync(jobId, error, stack);
    }

    public static async Task FailAsync(this DashboardSystem system, string jobId, string error, string? stack = null)
    {
        var run = await system.BeginAsync(Notification, jobId);
        await system.Store.FinishAsync(Notification, [new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError(error, stack) }], Cancellation);
    }

    public static async Task<JobRun> BeginAsync(this DashboardSystem system, string queue, string jobId) =>
        (await system.Store.BeginAsync(queue, [new BeginRequest(jobId)], Cancellation))[0].Run ?? throw new InvalidOperationException($"{jobId} cannot begin.");
}
