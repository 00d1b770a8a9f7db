using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The data of one type of job.</summary>
public interface IJobData
{
    /// <summary>The name of the job type on the wire, in kebab-case, for example <c>send-message</c>.</summary>
    static abstract string JobType { get; }
}

/// <summary>The data of one type of job, with all that is to be known of the type: <see cref="JobTypeRegistry"/>, its queue and its service go by it.</summary>
/// <typeparam name="TSelf">The data's own type.</typeparam>
public interface IJobData<TSelf> : IJobData
    where TSelf : class, IJobData<TSelf>
{
    /// <summary>The queue that takes such jobs; see <see cref="JobQueues"/>.</summary>
    static abstract string Queue { get; }

    /// <summary>By which rules the data is valid.</summary>
    static abstract IValidator<TSelf> Validator { get; }

    /// <summary>How the data is read when it comes in, from a source-generated context: see <see cref="JobJson"/>.</summary>
    static abstract JsonTypeInfo<TSelf> Json { get; }

    /// <summary>A valid envelope, for documents and tests.</summary>
    static abstract string Example { get; }
}
