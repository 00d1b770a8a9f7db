namespace WhiteCross.Jobs;

/// <summary>
/// Marks a record as what jobs of a type complete with, by <see cref="JobOutcome.Completed"/>, so that the reference of job types tells its fields. Where jobs of a
/// type may complete with one of several, each is marked.
/// </summary>
/// <typeparam name="TData">The data of the job type.</typeparam>
/// <example>
/// <code>
/// /// &lt;summary&gt;What is kept of a count in its job's record.&lt;/summary&gt;
/// /// &lt;param name="Messages"&gt;How many messages the conversation has.&lt;/param&gt;
/// internal sealed record CountConversationResult(int Messages) : IJobResult&lt;CountConversationJob&gt;;
/// </code>
/// </example>
#pragma warning disable CA1040 // There is nothing that all results have in common.
public interface IJobResult<TData>
    where TData : class;
#pragma warning restore CA1040
