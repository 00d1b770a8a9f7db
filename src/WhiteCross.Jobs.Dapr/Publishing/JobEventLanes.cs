using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>Which jobs may share an event.</summary>
internal static class JobEventLanes
{
    /// <summary>The jobs of each lane. Who adds mostly adds to one: then it is the jobs as they are, and nothing is copied.</summary>
    public static IEnumerable<IReadOnlyList<JobEvent>> ByLane(this IReadOnlyList<JobEvent> jobs)
    {
        for (var i = 1; i < jobs.Count; i++)
        {
            if (jobs[i].Priority != jobs[0].Priority)
            {
                return jobs.GroupBy(job => job.Priority).Select(lane => lane.ToArray());
            }
        }

        return jobs.Count == 0 ? [] : [jobs];
    }
}
