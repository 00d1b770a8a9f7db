using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Contracts;

/// <summary>How the data of a type of job is read by a source-generated context of its own.</summary>
public static class JobJson
{
    /// <summary>For what comes from outside: a member given twice is an error, one that is not known is passed over.</summary>
    /// <typeparam name="TData">The data.</typeparam>
    /// <param name="context">The context, generated with <c>[JsonSerializable(typeof(TData))]</c>.</param>
    public static JsonTypeInfo<TData> Strict<TData>(JsonSerializerContext context) => Of<TData>(new(JobsJsonContext.Strict.Options) { TypeInfoResolver = context });

    /// <summary>As <see cref="Strict"/>, and a member that is not known is an error too: for data of which a member narrows what is done.</summary>
    /// <typeparam name="TData">The data.</typeparam>
    /// <param name="context">The context, generated with <c>[JsonSerializable(typeof(TData))]</c>.</param>
    public static JsonTypeInfo<TData> Closed<TData>(JsonSerializerContext context) => Of<TData>(new(JobsJsonContext.Closed.Options) { TypeInfoResolver = context });

    /// <summary>For data that is on record: what was let in is read, also when a newer version, with members that are not known here, let it in.</summary>
    /// <typeparam name="TData">The data.</typeparam>
    public static JsonTypeInfo<TData> OnRecord<TData>()
        where TData : class, IJobData<TData> =>
        Of<TData>(new(TData.Json.Options) { AllowDuplicateProperties = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });

    /// <summary>For data that is written: camelCase, absent for null, as all contracts are.</summary>
    /// <typeparam name="TData">The data.</typeparam>
    public static JsonTypeInfo<TData> Written<TData>()
        where TData : class, IJobData<TData> =>
        Of<TData>(new(JobsJsonContext.Default.Options) { TypeInfoResolver = TData.Json.Options.TypeInfoResolver });

    private static JsonTypeInfo<TData> Of<TData>(JsonSerializerOptions options) => (JsonTypeInfo<TData>)options.GetTypeInfo(typeof(TData));
}
