using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>A publisher sees the jobs that it has added itself, and of others not even that they are there.</summary>
internal static class OwnJobs
{
    public static bool MaySee(HttpContext context, JobRecord record) => !AccessSetup.IsPublisher(context) || record.AddedBy == Caller.NameOf(context);

    public static async Task<JobRecord?> FindAsync(HttpContext context, IJobReader store, string queue, string id) =>
        await store.GetAsync(queue, id, context.RequestAborted) is { } record && MaySee(context, record) ? record : null;
}
