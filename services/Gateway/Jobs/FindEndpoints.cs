using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Jobs of all queues.</summary>
/// <param name="Jobs">The jobs, the newest first; without what they are about.</param>
/// <param name="HasMore">Whether there are more than these.</param>
internal sealed record FoundJobs(IReadOnlyList<JobRecord> Jobs, bool HasMore);

/// <summary>Finds jobs of all queues by what they are about: what became of this patient's message?</summary>
internal static class FindEndpoints
{
    private const string JobId = "jobId";
    private const int MostOnPage = 1000;
    private const int MostPages = 10;

    private static readonly string[] Criteria = [JobId, .. JobTerms.Ids, JobTerms.Tag];

    public static void MapFind(this IEndpointRouteBuilder queues) =>
        queues.MapGet("/jobs", FindAsync)
            .ReadsQuery([.. Criteria, .. JobSearch.Parameters, "limit", "state"])
            .Produces<FoundJobs>()
            .ProducesValidationProblem()
            .WithName("FindJobs")
            .WithSummary("Finds jobs of all queues by what they are about")
            .WithDescription("By one of jobId, messageId, recipientId, senderId, conversationId, batchId and tag (options.tags of the job). state, type, priority, text, from and to filter as they do in the list of a queue. Records hold keyed hashes of it; what a job is about is not in the answer. Jobs that an earlier version has added are found by jobId only.");

    private static async Task<IResult> FindAsync(QueryInput input, IJobReader store, CancellationToken cancellationToken)
    {
        var (wanted, count, search) = (JobSearch.ReadState(input), input.Number("limit", 100, 1, MostOnPage), JobSearch.Read(input));
        var given = Criteria.Select(name => (Name: name, Value: input.Text(name))).Where(criterion => criterion.Value is not null).ToArray();
        var (by, value) = given is [var only] ? (only.Name, only.Value!) : (JobId, string.Empty);
        if (given.Length != 1)
        {
            input.Refuse("$", $"Give one of {string.Join(", ", Criteria)}{(given.Length > 1 ? $", not {given.Length}" : string.Empty)}.");
        }

        var id = Guid.Empty;
        if (given.Length == 1 && by is not (JobId or JobTerms.Tag) && !Guid.TryParse(value, out id))
        {
            input.Refuse(by, "must be a UUID.");
        }

        if (input.HasErrors)
        {
            return Problems.Invalid(input.Errors);
        }

        var found = await Task.WhenAll(JobQueues.All.Select(queue => by == JobId
            ? OfIdAsync(store, queue.Name, value, cancellationToken)
            : OfTermAsync(store, queue.Name, by == JobTerms.Tag ? JobTerms.OfTag(value) : JobTerms.OfId(by, id), cancellationToken)));
        var jobs = found.SelectMany(one => one.Jobs)
            .Where(job => (wanted is null || job.State == wanted) && search.Matches(job))
            .OrderByDescending(job => job.CreatedAt).ThenByDescending(job => job.JobId, StringComparer.Ordinal)
            .ToList();
        return TypedResults.Ok(new FoundJobs([.. jobs.Take(count).Select(WithoutContent.OfListed)], jobs.Count > count || found.Any(one => one.HasMore)));
    }

    private static async Task<FoundJobs> OfIdAsync(IJobReader store, string queue, string jobId, CancellationToken cancellationToken) =>
        new(await store.GetAsync(queue, jobId, cancellationToken) is { } job ? [job] : [], false);

    private static async Task<FoundJobs> OfTermAsync(IJobReader store, string queue, string term, CancellationToken cancellationToken)
    {
        var jobs = new List<JobRecord>();
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            var found = await store.ListByTermAsync(queue, term, MostOnPage, cursor, cancellationToken);
            jobs.AddRange(found.Jobs);
            cursor = found.NextCursor;
            if (cursor is null)
            {
                return new FoundJobs(jobs, false);
            }
        }

        return new FoundJobs(jobs, true);
    }
}
