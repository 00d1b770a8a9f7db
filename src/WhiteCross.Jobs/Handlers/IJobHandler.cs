namespace WhiteCross.Jobs;

/// <summary>
/// Does the work of one type of job. What a handler throws, returns or fails to do is its own attempt's: nothing of it harms another job. One that does not
/// stop within 5 s after its token fired is taken for stuck: its attempt is ended, it is shown as stuck, and it keeps its slot until it returns.
/// </summary>
/// <example>
/// <code>
/// public sealed class SendReceiptHandler(IMailer mailer) : IJobHandler&lt;SendReceipt&gt;
/// {
///     public async Task&lt;JobOutcome&gt; HandleAsync(Job&lt;SendReceipt&gt; job, CancellationToken cancellationToken)
///     {
///         // A step runs once in the life of the job: a later attempt gets its stored result.
///         var receipt = await job.StepAsync("mail", token => mailer.SendAsync(job.Data, idempotencyKey: job.Id, token), cancellationToken);
///         await job.ReportProgressAsync(100, "mailed");
///         return new JobOutcome.Completed(new { receipt.Id });
///     }
/// }
/// </code>
/// </example>
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
