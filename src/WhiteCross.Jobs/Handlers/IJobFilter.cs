namespace WhiteCross.Jobs;

/// <summary>
/// Something around every attempt of a service, whatever its type: a tenant's scope, a rule of its own, a measurement. Register any number in the service's
/// services; the first one registered is the outermost. An exception has the meaning it has in a handler.
/// </summary>
public interface IJobFilter
{
    /// <summary>Makes the attempt, or does something else instead.</summary>
    /// <param name="job">What is known of the job.</param>
    /// <param name="next">Makes the attempt.</param>
    /// <param name="cancellationToken">Fires when the attempt must stop.</param>
    Task<JobOutcome> InvokeAsync(JobInfo job, Func<CancellationToken, Task<JobOutcome>> next, CancellationToken cancellationToken);
}
