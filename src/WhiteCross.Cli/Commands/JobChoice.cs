using System.CommandLine;
using System.CommandLine.Parsing;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary>Which jobs a command is about: those whose ids are given, or all of a queue that filters leave.</summary>
internal sealed class JobChoice
{
    private readonly Argument<string[]> _ids = new("id") { Description = "The jobs' ids.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _queue = Arguments.QueueOption();
    private readonly Option<string?> _all = new("--all") { Description = "All jobs of this queue, as --state, --type and --text leave them.", HelpName = "queue" };
    private readonly Option<string?> _state = new("--state") { Description = "With --all: only jobs in this state.", HelpName = "state" };
    private readonly Option<string?> _type = new("--type") { Description = "With --all: only jobs of this type.", HelpName = "type" };
    private readonly Option<string?> _text = new("--text") { Description = "With --all: only jobs with this in their id or error.", HelpName = "text" };

    public JobChoice()
    {
        _all.CompletionSources.Add([.. JobQueues.All.Select(queue => queue.Name)]);
        _state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Enum.GetValues<JobState>().Select(Texts.Word)]);
    }

    public void AddTo(Command command)
    {
        command.Arguments.Add(_ids);
        foreach (var option in (Option[])[_queue, _all, _state, _type, _text])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>The jobs.</summary>
    public async Task<IReadOnlyList<FoundJob>> FindAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_all) is not { } all)
        {
            var found = new List<FoundJob>();
            foreach (var id in (arguments.GetValue(_ids) ?? []).Distinct(StringComparer.Ordinal))
            {
                found.Add(await JobFinder.FindAsync(session.Gateway, id, arguments.GetValue(_queue), cancellationToken));
            }

            return found;
        }

        var filter = new JobFilter { State = Arguments.Word<JobState>(arguments.GetValue(_state)), Type = arguments.GetValue(_type), Text = arguments.GetValue(_text) };
        return await session.Queues.JobsAsync(all, filter, JobLimits.BulkJobs, cancellationToken).Select(job => FoundJob.Of(all, job)).ToListAsync(cancellationToken);
    }

    private void Check(CommandResult result)
    {
        var hasIds = result.GetValue(_ids) is { Length: > 0 };
        var isAll = result.GetValue(_all) is not null;
        if (hasIds == isAll)
        {
            result.AddError(isAll ? "Give ids or --all, not both." : "Give the ids of jobs, or --all with a queue.");
        }
        else if (!isAll && ((Option[])[_state, _type, _text]).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } alone)
        {
            result.AddError($"{alone.Name} goes with --all.");
        }
    }
}
