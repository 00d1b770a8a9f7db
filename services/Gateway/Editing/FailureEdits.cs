using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>What becomes of the failed jobs of a cause with other data.</summary>
/// <param name="Queue">Their queue.</param>
/// <param name="Cause">Their cause.</param>
/// <param name="Jobs">How many there are.</param>
/// <param name="Valid">How many are valid then; by the rules of an add, which is not all that a handler may find.</param>
/// <param name="Invalid">How many would still fail, since they are not valid: they stay as they are.</param>
/// <param name="Problems">What is wrong with those, the most frequent first; at most 50.</param>
/// <param name="Applied">How many wait again with it; 0 for a dry run.</param>
internal sealed record FailureEdit(string Queue, string Cause, long Jobs, long Valid, long Invalid, IReadOnlyList<EditProblem> Problems, long Applied) : ICounted
{
    long ICounted.Count => Applied;
}

/// <summary>What is wrong with some of the jobs.</summary>
/// <param name="Field">The field, as errors name it.</param>
/// <param name="Message">What is wrong with it.</param>
/// <param name="Count">In how many jobs.</param>
/// <param name="JobId">One of them.</param>
internal sealed record EditProblem(string Field, string Message, long Count, string JobId);

/// <summary>Tries and applies changes to all failed jobs of a cause.</summary>
internal sealed class FailureEdits(IJobFailures failures, IJobReader store, IJobControl control)
{
    private const int Page = 200;
    private const int MostProblems = 50;

    /// <summary>Tries a change, and applies it unless it is a dry run; the jobs that have failed by now.</summary>
    /// <returns>What came of it; null when there is no such group. A call that broke off in the middle can be repeated: it goes on with those that are left.</returns>
    public async Task<FailureEdit?> RunAsync(string queue, string cause, DataEdit edit, bool isDry, CancellationToken cancellationToken)
    {
        if ((await failures.ListAsync(queue, cancellationToken)).FirstOrDefault(group => group.Cause == cause) is not { } group)
        {
            return null;
        }

        // In whole milliseconds, as groups keep it: what fails again meanwhile is another failure.
        var until = group.LastSeen.ToUnixTimeMilliseconds();
        var (jobs, valid, applied) = (0L, 0L, 0L);
        var problems = new Dictionary<(string Field, string Message), (long Count, string JobId)>();
        string? cursor = null;
        do
        {
            var page = await store.ListAsync(queue, new JobQuery(JobState.Failed, Page, cursor, WithData: true, Cause: cause), cancellationToken);
            var changed = page.Jobs.Where(job => job.FinishedAt?.ToUnixTimeMilliseconds() <= until).Select(job => EditedJob.Of(job, edit)).ToList();
            jobs += changed.Count;
            valid += changed.Count(job => job.IsValid);
            foreach (var job in changed)
            {
                foreach (var (field, messages) in job.Errors)
                {
                    var key = (field, messages[0]);
                    problems[key] = (problems.GetValueOrDefault(key).Count + 1, job.Job.JobId);
                }
            }

            if (!isDry)
            {
                // Many in flight at once: each is a script of its own, and the connection carries them one behind the other.
                var outcomes = await Task.WhenAll(changed.Where(job => job.IsValid).Select(job => job.RetryAsync(control, cancellationToken)));
                applied += outcomes.Count(outcome => outcome == ChangeOutcome.Done);
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);

        var told = problems.OrderByDescending(problem => problem.Value.Count).Take(MostProblems).Select(problem => new EditProblem(problem.Key.Field, problem.Key.Message, problem.Value.Count, problem.Value.JobId));
        return new FailureEdit(queue, cause, jobs, valid, jobs - valid, [.. told], applied);
    }
}
