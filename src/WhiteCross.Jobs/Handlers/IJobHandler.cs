namespace WhiteCross.Jobs;

/// <summary>Does the work of one type of job.</summary>
/// <typeparam name="TData">The job's data.</typeparam>
public interface IJobHandler<TData>
    where TData : class
{
    /// <summary>Makes one attempt. Created per attempt, from a scope of its own.</summary>
    /// <param name="job">The job, and what the handler can report of it.</param>
    /// <param name="cancellationToken">
    /// Fires at the job's timeout, when somebody cancels the job, when its lease is lost, and at shutdown. A handler that stops because of it
    /// should let the <see cref="OperationCanceledException"/> through: what it means is decided from the cause, see <see cref="JobOutcome"/>.
    /// </param>
    /// <returns>
    /// What came of it. A handler that throws asks for another attempt, unless it throws a <see cref="PermanentJobException"/>.
    /// </returns>
    Task<JobOutcome> HandleAsync(Job<TData> job, CancellationToken cancellationToken);
}
