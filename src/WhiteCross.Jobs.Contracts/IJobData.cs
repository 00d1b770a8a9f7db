namespace WhiteCross.Jobs.Contracts;

/// <summary>The data of one type of job.</summary>
public interface IJobData
{
    /// <summary>The name of the job type on the wire, in kebab-case, for example <c>send-message</c>.</summary>
    static abstract string JobType { get; }
}
