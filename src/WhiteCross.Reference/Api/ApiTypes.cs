using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Reference;

/// <summary>The types of the API: what the framework cannot know of them.</summary>
internal static class ApiTypes
{
    /// <summary>An envelope for each job type, with the rules and the example of its data; <c>JobEnvelope</c> is one of them.</summary>
    public static void AddEnvelopes(JsonObject schemas, Sources sources)
    {
        var options = schemas["JobEnvelope"]!["properties"]!.AsObject();
        var names = new JsonArray();
        foreach (var queue in JobQueues.All)
        {
            foreach (var type in queue.JobTypes)
            {
                var data = JobTypeRegistry.Default.DataOf(type);
                AddRules(schemas, data, sources);
                var example = JsonNode.Parse(JobTypeRegistry.Default.ExampleOf(type))!;
                var name = data.Name.Replace("Job", string.Empty, StringComparison.Ordinal) + "Envelope";
                schemas[name] = new JsonObject
                {
                    ["type"] = "object",
                    ["description"] = $"A job of type {type}, for the queue {queue.Name}. {sources.Of(data)}",
                    ["required"] = queue.DefaultJobType == type ? new JsonArray("data") : new JsonArray("type", "data"),
                    ["properties"] = new JsonObject
                    {
                        ["jobId"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 128, ["description"] = options["jobId"]!["description"]!.DeepClone() },
                        ["type"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray(type), ["description"] = options["type"]!["description"]!.DeepClone() },
                        ["data"] = new JsonObject { ["$ref"] = $"#/components/schemas/{data.Name}", ["description"] = "What the job is about." },
                        ["options"] = new JsonObject { ["$ref"] = "#/components/schemas/JobOptions", ["description"] = options["options"]!.ToJsonString().Contains("description", StringComparison.Ordinal) ? "What the publisher asks for." : null },
                    },
                    ["example"] = example,
                };
                schemas[data.Name]!["example"] = example["data"]!.DeepClone();
                names.Add((JsonNode)new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
            }
        }

        schemas["JobEnvelope"] = new JsonObject { ["description"] = sources.Of(typeof(JobEnvelope)), ["oneOf"] = names };
        schemas["JobType"] = new JsonObject
        {
            ["type"] = "string",
            ["description"] = "The type of a job.",
            ["enum"] = new JsonArray([.. JobQueues.All.SelectMany(queue => queue.JobTypes).Select(type => (JsonNode)type)]),
        };
    }

    /// <summary>Says of types and members what the sources say of them.</summary>
    public static void Describe(JsonObject schemas, Sources sources)
    {
        foreach (var (name, node) in schemas)
        {
            var schema = node!.AsObject();
            if (schema["description"] is null && sources.OfName(name) is { Length: > 0 } text)
            {
                schema["description"] = text;
            }

            foreach (var (property, value) in schema["properties"]?.AsObject().ToList() ?? [])
            {
                Simplify(value!.AsObject());
                if (value["description"] is null && sources.OfName(name, char.ToUpperInvariant(property[0]) + property[1..]) is { Length: > 0 } said)
                {
                    value["description"] = said;
                }
            }
        }
    }

    /// <summary>What is only answered always has all of its members that are not null, and may get more with time.</summary>
    public static void OpenAnswers(JsonObject document)
    {
        var schemas = document["components"]!["schemas"]!.AsObject();
        var asked = new HashSet<string>();
        foreach (var operation in document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!.AsObject()))
        {
            Follow(operation["requestBody"], schemas, asked);
        }

        foreach (var (name, node) in schemas.Where(schema => !asked.Contains(schema.Key) && schema.Value!["properties"] is not null && schema.Key != "Problem"))
        {
            var schema = node!.AsObject();
            schema.Remove("additionalProperties");
            var always = schema["properties"]!.AsObject().Where(property => !IsNullable(property.Value!)).Select(property => property.Key).ToList();
            if (always.Count > 0)
            {
                schema["required"] = new JsonArray([.. always.Select(property => (JsonNode)property)]);
            }
        }
    }

    private static bool IsNullable(JsonNode schema) =>
        schema["oneOf"] is not null || schema["type"] is JsonArray || (schema["type"] is null && schema["$ref"] is null && schema["enum"] is null);

    private static void Follow(JsonNode? node, JsonObject schemas, HashSet<string> found)
    {
        switch (node)
        {
            case JsonObject one:
                if (one["$ref"]?.GetValue<string>() is { } reference && reference.StartsWith("#/components/schemas/", StringComparison.Ordinal) && found.Add(reference.Split('/')[^1]))
                {
                    Follow(schemas[reference.Split('/')[^1]], schemas, found);
                }

                foreach (var (_, value) in one)
                {
                    Follow(value, schemas, found);
                }

                break;
            case JsonArray many:
                foreach (var value in many)
                {
                    Follow(value, schemas, found);
                }

                break;
        }
    }

    // Of what may be null the framework makes a choice, and puts what is said of it into one branch.
    private static void Simplify(JsonObject schema)
    {
        if (schema["oneOf"] is JsonArray { Count: 2 } choice && choice[1] is JsonObject second && second["description"] is { } text)
        {
            second.Remove("description");
            schema["description"] = text.DeepClone();
        }

        if (schema.ToJsonString().Contains("#/components/schemas/JsonElement", StringComparison.Ordinal))
        {
            schema.Remove("oneOf");
            schema.Remove("$ref"); // Anything: nothing is said of it but what it means.
        }
    }

    // Asked of the rules themselves: what the example is refused without is required.
    private static void AddRules(JsonObject schemas, Type data, Sources sources)
    {
        var schema = schemas[data.Name]!.AsObject();
        var type = (string)data.GetProperty("JobType", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        var queue = JobQueues.All.Single(one => one.JobTypes.Contains(type));
        var required = new JsonArray();
        foreach (var (name, _) in schema["properties"]!.AsObject())
        {
            // What is required only beside something else says so: "Required unless …".
            if (sources.Of(data, char.ToUpperInvariant(name[0]) + name[1..]).EndsWith("Required.", StringComparison.Ordinal) && IsRequired(queue, type, name))
            {
                required.Add((JsonNode)name);
            }
        }

        schema.Remove("required");
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        // Unknown members are passed over: what a newer publisher says does no harm.
        schema.Remove("additionalProperties");
    }

    private static bool IsRequired(QueueDefinition queue, string type, string name)
    {
        var envelope = JsonNode.Parse(JobTypeRegistry.Default.ExampleOf(type))!;
        envelope["data"]!.AsObject().Remove(name);
        var reading = JobEnvelopeReader.Default.Read(queue, JsonSerializer.SerializeToUtf8Bytes(envelope));
        return !reading.IsValid && reading.Errors.Keys.Any(field => field == name || field == $"data.{name}");
    }
}
