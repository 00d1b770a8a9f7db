using Dapr.Common.Serialization;

namespace Dapr.Workflow.Replay;

/// <summary>Inputs and results as the protocol carries them: JSON, and an empty text for nothing.</summary>
internal static class Inputs
{
    /// <summary>Reads an input; nothing is the type's default.</summary>
    public static object? Read(IDaprSerializer serializer, string? json, Type type)
    {
        if (string.IsNullOrEmpty(json))
        {
            return type.IsValueType ? Activator.CreateInstance(type) : null;
        }

        return serializer.Deserialize(json, type);
    }

    /// <summary>Writes a result.</summary>
    public static string Write(IDaprSerializer serializer, object? value) => value is null ? "" : serializer.Serialize(value, value.GetType());
}
