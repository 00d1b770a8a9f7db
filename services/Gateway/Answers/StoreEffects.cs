namespace WhiteCross.Gateway;

/// <summary>What a request has done to the job store so far, and under which ids: what is said when the store's next answer is missing.</summary>
internal static class StoreEffects
{
    private static readonly object DoneKey = new();
    private static readonly object JobsKey = new();

    /// <summary>Notes the jobs that the request adds, before it does: with their ids it can be repeated without harm.</summary>
    public static void WillAdd(HttpContext context, IReadOnlyList<BulkAccepted> jobs) => context.Items[JobsKey] = jobs;

    /// <summary>The jobs that the request adds.</summary>
    public static IReadOnlyList<BulkAccepted> JobsOf(HttpContext context) => context.Items[JobsKey] as IReadOnlyList<BulkAccepted> ?? [];

    /// <summary>Notes that what was asked for is done: only the answer is missing.</summary>
    public static void Done(HttpContext context) => context.Items[DoneKey] = true;

    /// <summary>Whether what was asked for is done.</summary>
    public static bool IsDone(HttpContext context) => context.Items.ContainsKey(DoneKey);
}
