using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>Handles the queue's jobs: what is past its retention goes by age, a person whole.</summary>
internal sealed class CleanupMessagesHandler(RetentionCleanup retention, PersonErasure person, IOptions<CleanupOptions> options) : IJobHandler<CleanupMessagesJob>
{
    public async Task<JobOutcome> HandleAsync(Job<CleanupMessagesJob> job, CancellationToken cancellationToken)
    {
        if (job.Info.AddedBy == JobRecord.AddedByEvent && !(job.Data.DryRun ?? false) && !options.Value.AllowPublished)
        {
            return new JobOutcome.Fail(
                "A clean-up that deletes is not taken from whoever may publish: add it by the gateway as an admin, make it a dry run, or set Cleanup:AllowPublished where Dapr's scopes say who may publish.");
        }

        return job.Data.CleanupType == CleanupType.Person ? await person.HandleAsync(job, cancellationToken) : await retention.HandleAsync(job, cancellationToken);
    }
}
