using Dapr.Workflow;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>Sends in chunks, as it was before it learned to report.</summary>
internal sealed class ChunkedSend : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input)
    {
        var retries = new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(2), 2));
        var chunks = await context.CallActivityAsync<int>("Plan", input);
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            context.SetCustomStatus(new { chunk, chunks });
            await context.CallActivityAsync("SendChunk", chunk, retries);
            await context.CreateTimer(TimeSpan.FromMilliseconds(100));
        }

        return $"{chunks} chunks";
    }
}

/// <summary>The same, later: it reports each chunk, and instances that began before go on without.</summary>
internal sealed class ChunkedSendThatReports(bool asksForPatch) : Workflow<int, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, int input)
    {
        var retries = new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(2), 2));
        var chunks = await context.CallActivityAsync<int>("Plan", input);
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            context.SetCustomStatus(new { chunk, chunks });
            await context.CallActivityAsync("SendChunk", chunk, retries);
            if (!asksForPatch || context.IsPatched("report"))
            {
                await context.CallActivityAsync("Report", chunk);
            }

            await context.CreateTimer(TimeSpan.FromMilliseconds(100));
        }

        return $"{chunks} chunks";
    }
}

/// <summary>Waits for an answer with a reminder, runs a child, and tells another instance.</summary>
internal sealed class Approval : Workflow<string, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, string input)
    {
        string answer;
        try
        {
            answer = await context.WaitForExternalEventAsync<string>("answer", TimeSpan.FromHours(1));
        }
        catch (TaskCanceledException)
        {
            await Task.WhenAll(context.CallActivityAsync("Remind", input), context.CreateTimer(TimeSpan.FromMinutes(1)));
            answer = await context.WaitForExternalEventAsync<string>("answer");
        }

        var done = await context.CallChildWorkflowAsync<string>("Carry out", answer, new ChildWorkflowTaskOptions($"{context.NewGuid()}"));
        context.SendEvent("auditor", "done", done);
        return done;
    }
}
