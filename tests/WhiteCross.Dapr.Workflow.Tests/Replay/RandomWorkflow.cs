using CsCheck;
using Dapr.Workflow;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>A step of a workflow that is made at random.</summary>
internal abstract record Step
{
    public static Gen<Step> Any { get; } = Gen.Recursive<Step>((depth, step) =>
    {
        var simple = Gen.OneOf(
            Gen.Int[0, 9].Select(n => (Step)new Call(n, Retries: false)),
            Gen.Int[0, 9].Select(n => (Step)new Call(n, Retries: true)),
            Gen.Int[1, 100].Select(n => (Step)new Pause(n)),
            Gen.Int[0, 2].Select(n => (Step)new Event(n, HasTimeout: false)),
            Gen.Int[0, 2].Select(n => (Step)new Event(n, HasTimeout: true)),
            Gen.Int[0, 9].Select(n => (Step)new Child(n)),
            Gen.Int[0, 9].Select(n => (Step)new Note(n)));
        if (depth >= 3)
        {
            return simple;
        }

        var branches = step.Array[1, 3].Array[2, 3];
        return Gen.Frequency((6, simple), (2, branches.Select(b => (Step)new All(b))), (1, branches.Select(b => (Step)new First(b))));
    });

    public sealed record Call(int Number, bool Retries) : Step;

    public sealed record Pause(int Seconds) : Step;

    public sealed record Event(int Number, bool HasTimeout) : Step;

    public sealed record Child(int Number) : Step;

    public sealed record Note(int Number) : Step;

    public sealed record All(Step[][] Branches) : Step;

    public sealed record First(Step[][] Branches) : Step;
}

/// <summary>Runs steps, and keeps a trace of what it did and whether that was a replay.</summary>
internal sealed class RandomWorkflow(Step[] steps) : Workflow<object?, string>
{
    private static readonly WorkflowTaskOptions Retrying = new(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1), 2));

    /// <summary>What the last turn went through.</summary>
    public List<(string What, bool IsReplay)> Trace { get; } = [];

    public override async Task<string> RunAsync(WorkflowContext context, object? input)
    {
        Trace.Clear();
        await RunAsync(context, steps, "");
        return string.Join(' ', Trace.Select(t => t.What));
    }

    private async Task RunAsync(WorkflowContext context, Step[] todo, string path)
    {
        for (var i = 0; i < todo.Length; i++)
        {
            var at = $"{path}{i}";
            Log(context, at);
            Log(context, at + "=" + await RunAsync(context, todo[i], at));
        }
    }

    private async Task<string> RunAsync(WorkflowContext context, Step step, string at)
    {
        try
        {
            switch (step)
            {
                case Step.Call call:
                    return await context.CallActivityAsync<string>($"A{call.Number}", at, call.Retries ? Retrying : null);
                case Step.Pause pause:
                    await context.CreateTimer(TimeSpan.FromSeconds(pause.Seconds));
                    return $"{context.CurrentUtcDateTime:O}";
                case Step.Event { HasTimeout: true } e:
                    return await context.WaitForExternalEventAsync<string>($"e{e.Number}", TimeSpan.FromSeconds(30));
                case Step.Event e:
                    return await context.WaitForExternalEventAsync<string>($"e{e.Number}");
                case Step.Child child:
                    return await context.CallChildWorkflowAsync<string>($"C{child.Number}", at);
                case Step.Note note:
                    context.SetCustomStatus(at);
                    context.SendEvent("other", $"n{note.Number}", context.NewGuid());
                    return context.IsPatched($"p{note.Number}") ? "patched" : "not patched";
                case Step.All all:
                    await Task.WhenAll(all.Branches.Select((b, i) => RunAsync(context, b, $"{at}.{i}/")));
                    return "all";
                case Step.First first:
                    var branches = first.Branches.Select((b, i) => RunAsync(context, b, $"{at}.{i}/")).ToList();
                    return $"{branches.IndexOf(await Task.WhenAny(branches))} won";
                default:
                    throw new InvalidOperationException("Unknown step.");
            }
        }
        catch (WorkflowTaskFailedException failure)
        {
            return failure.Message;
        }
        catch (TaskCanceledException)
        {
            return "timeout";
        }
    }

    private void Log(WorkflowContext context, string what) => Trace.Add((what, context.IsReplaying));
}
