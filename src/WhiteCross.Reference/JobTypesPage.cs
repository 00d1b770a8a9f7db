using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Reference;

/// <summary>Every job type: its fields with their rules, an example, what it does and what it answers.</summary>
internal static class JobTypesPage
{
    private static readonly JsonSerializerOptions Json = new(JobsJsonContext.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(JobsJsonContext.Default, new DefaultJsonTypeInfoResolver()),
    };

    public static string Render(Sources sources)
    {
        var page = new StringBuilder("""
            A job is added with `POST /queue/{queue}/jobs`, or by publishing its envelope to the topic of its queue's name (`life-of-a-job.md` tells what then happens). The
            fields below are those of `data`; what the envelope and its `options` may hold is the same for all types:


            """);
        ReferencePages.AddTable(page, ["envelope", "what"], RowsOf(sources, typeof(JobEnvelope)).Select(row => new[] { row[0], row[2] }));
        ReferencePages.AddTable(page, ["option", "type", "what"], RowsOf(sources, typeof(JobOptions)));
        foreach (var queue in JobQueues.All)
        {
            foreach (var type in queue.JobTypes)
            {
                var data = JobTypeRegistry.Default.DataOf(type);
                page.AppendLine($"## {type}").AppendLine()
                    .AppendLine($"Queue `{queue.Name}`. {sources.Of(data)} {sources.Of(HandlerOf(data))}".TrimEnd()).AppendLine();
                AddFields(page, sources, data);
                page.AppendLine("```json").AppendLine(JobTypeRegistry.Default.ExampleOf(type)).AppendLine("```").AppendLine();
                foreach (var result in OurTypes.Where(type => typeof(IJobResult<>).MakeGenericType(data).IsAssignableFrom(type) && IsOurs(type)).OrderBy(type => type.Name, StringComparer.Ordinal))
                {
                    page.AppendLine($"Its `result`: {sources.Of(result)}".TrimEnd()).AppendLine();
                    ReferencePages.AddTable(page, ["field", "type", "what"], RowsOf(sources, result));
                }
            }
        }

        return page.ToString();
    }

    private static IEnumerable<Type> OurTypes => AppDomain.CurrentDomain.GetAssemblies()
        .Where(assembly => assembly.GetName().Name?.StartsWith("WhiteCross.", StringComparison.Ordinal) is true)
        .SelectMany(assembly => assembly.GetTypes());

    private static Type HandlerOf(Type data) =>
        OurTypes.Single(type => type is { IsClass: true, IsNested: false } && typeof(IJobHandler<>).MakeGenericType(data).IsAssignableFrom(type) && IsOurs(type));

    // Tests make pages with their own types about.
    private static bool IsOurs(Type type) => type.Namespace?.EndsWith("Tests", StringComparison.Ordinal) is false;

    private static void AddFields(StringBuilder page, Sources sources, Type type)
    {
        ReferencePages.AddTable(page, ["field", "type", "what"], RowsOf(sources, type));
        foreach (var property in PropertiesOf(type).Where(property => PartOf(property.PropertyType) is not null))
        {
            page.AppendLine($"`{Name(property)}`:").AppendLine();
            ReferencePages.AddTable(page, ["field", "type", "what"], RowsOf(sources, PartOf(property.PropertyType)!));
        }
    }

    private static IEnumerable<string?[]> RowsOf(Sources sources, Type type) =>
        PropertiesOf(type).Select(property => new[] { $"`{Name(property)}`", TypeOf(property.PropertyType), sources.Of(type, property.Name) });

    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract");

    private static string Name(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    // An object of ours within the data: shown in a table of its own.
    private static Type? PartOf(Type type)
    {
        type = ElementOf(type) ?? type;
        return type is { IsClass: true, Namespace: "WhiteCross.Jobs.Contracts" } ? type : null;
    }

    private static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static string TypeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return ElementOf(type) is { } element ? $"list of {TypeOf(element)}"
            : type.IsEnum ? string.Join(", ", Enum.GetValues(type).Cast<object>().Select(value => $"`{JsonSerializer.SerializeToElement(value, type, Json)}`"))
            : type == typeof(Guid) ? "UUID"
            : type == typeof(string) ? "text"
            : type == typeof(bool) ? "true or false"
            : type == typeof(DateTimeOffset) ? "time (RFC 3339)"
            : type == typeof(int) || type == typeof(long) ? "whole number"
            : type == typeof(double) ? "number"
            : "object";
    }
}
