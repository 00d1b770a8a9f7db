using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Says of a body that could not be read which field is wrong, and how: never what stands in it.</summary>
public static class JsonErrors
{
    /// <summary>Describes why a value could not be read.</summary>
    /// <param name="exception">What its reading ended with.</param>
    /// <param name="type">What it should have been.</param>
    /// <returns>The field, <c>$</c> for the whole, and what is wrong with it.</returns>
    public static (string Field, string Message) Describe(JsonException exception, JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(type);

        // The reader's own exception, which lies behind, says that it is no JSON at all.
        if (exception.InnerException is JsonException || exception.Path is not { } path)
        {
            return ("$", "is not valid JSON.");
        }

        var (field, at) = (string.Empty, type);
        foreach (var step in path.TrimStart('$').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = step.Split('[')[0];
            if (name.Length > 0 && at.Kind == JsonTypeInfoKind.Object)
            {
                if (TypedJsonInspector.Find(at, name) is not { } known)
                {
                    return (Join(field, UnknownNames.FieldOf(name)), UnknownNames.Message(name, TypedJsonInspector.NamesOf(at)));
                }

                (field, at) = (Join(field, known.Name), type.Options.GetTypeInfo(known.PropertyType));
            }

            if (step.IndexOf('[', StringComparison.Ordinal) is >= 0 and var index)
            {
                field += step[index..];
                at = at.ElementType is { } element ? type.Options.GetTypeInfo(element) : at;
            }
        }

        // The framework says it only in words; of its text nothing is passed on.
        var isTwice = exception.Message.StartsWith("Duplicate", StringComparison.Ordinal);
        return (FieldNames.OrWhole(field), isTwice ? "is given twice." : TypedJsonInspector.MessageFor(at));
    }

    private static string Join(string parent, string name) => name == "$" ? FieldNames.OrWhole(parent) : FieldNames.Join(parent, name);
}
