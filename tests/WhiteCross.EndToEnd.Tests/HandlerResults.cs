using System.Reflection;
using System.Reflection.Emit;
using WhiteCross.Jobs;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>
/// What the code of a service completes jobs with, as its instructions have it: a handler's result is declared as an object, so that no signature says what it is.
/// </summary>
internal static class HandlerResults
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly ConstructorInfo Completed = typeof(JobOutcome.Completed).GetConstructor([typeof(object)])!;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The types that <c>new JobOutcome.Completed(…)</c> is given in an assembly; a job that completes without a result adds none.</summary>
    public static IReadOnlySet<Type> In(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
        .SelectMany(GivenBy)
        .ToHashSet();

    private static IEnumerable<Type> GivenBy(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }

        var code = Decode(body.GetILAsByteArray()!);
        for (var at = 0; at < code.Count; at++)
        {
            if (code[at].Code != OpCodes.Newobj || Resolve<MethodBase>(method, code[at]) != Completed)
            {
                continue;
            }

            // What is on the stack comes from the instruction before, or, with ?: and ??, from those before a jump to here.
            var end = at;
            var last = code.Index().Where(other => other.Item.Code.FlowControl is FlowControl.Branch && other.Item.Target >= code[end].From && other.Item.Target <= code[end].Offset).Select(other => other.Index - 1);
            if (code[at - 1].Code.FlowControl is not FlowControl.Branch)
            {
                last = last.Append(at - 1);
            }

            foreach (var instruction in last.Select(index => code[index]).Where(instruction => instruction.Code != OpCodes.Ldnull))
            {
                yield return TypeOf(method, body, instruction)
                    ?? throw new InvalidOperationException($"{method.DeclaringType}.{method.Name} completes a job with what {instruction.Code} leaves; teach {nameof(HandlerResults)} what type that is.");
            }
        }
    }

    private static Type? TypeOf(MethodBase method, MethodBody body, Instruction instruction)
    {
        var name = instruction.Code.Name!;
        if (name.StartsWith("ldloc", StringComparison.Ordinal))
        {
            return body.LocalVariables[NumberIn(name) ?? instruction.Operand].LocalType;
        }

        if (name.StartsWith("ldarg", StringComparison.Ordinal))
        {
            var number = (NumberIn(name) ?? instruction.Operand) - (method.IsStatic ? 0 : 1);
            return number < 0 ? method.DeclaringType : method.GetParameters()[number].ParameterType;
        }

        return instruction.Code.OperandType switch
        {
            // A constructor; or, at the end of new X { … }, what sets the last property.
            OperandType.InlineMethod => Resolve<MethodBase>(method, instruction) is MethodInfo called && called.ReturnType != typeof(void)
                ? called.ReturnType
                : Resolve<MethodBase>(method, instruction)!.DeclaringType,
            OperandType.InlineField => Resolve<FieldInfo>(method, instruction)!.FieldType,
            OperandType.InlineType => Resolve<Type>(method, instruction),
            OperandType.InlineString => typeof(string),
            _ => null,
        };
    }

    // As in ldloc.2 and ldarg.0; ldloc.s has its number behind it.
    private static int? NumberIn(string name) => int.TryParse(name.Split('.')[^1], null, out var number) ? number : null;

    private static T? Resolve<T>(MethodBase method, Instruction instruction)
        where T : MemberInfo => method.Module.ResolveMember(
            instruction.Operand,
            method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null,
            method.IsGenericMethod ? method.GetGenericArguments() : null) as T;

    private static List<Instruction> Decode(byte[] bytes)
    {
        var (code, from) = (new List<Instruction>(), 0);
        for (var at = 0; at < bytes.Length;)
        {
            var offset = at;
            var opCode = Codes[bytes[at] == 0xFE ? (short)((0xFE << 8) | bytes[++at]) : bytes[at]];
            at++;
            var (size, operand) = opCode.OperandType switch
            {
                OperandType.InlineNone => (0, 0),
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI => (1, (sbyte)bytes[at]),
                OperandType.ShortInlineVar => (1, bytes[at]),
                OperandType.InlineVar => (2, BitConverter.ToUInt16(bytes, at)),
                OperandType.InlineI8 or OperandType.InlineR => (8, 0),
                OperandType.InlineSwitch => (4 + (4 * BitConverter.ToInt32(bytes, at)), 0),
                _ => (4, BitConverter.ToInt32(bytes, at)),
            };
            at += size;
            if (opCode != OpCodes.Nop)
            {
                code.Add(new(from, offset, opCode, operand, opCode.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget ? at + operand : -1));
                from = at;
            }
        }

        return code;
    }

    /// <summary>One instruction, with those before it that do nothing; the target is where a jump leads, -1 where there is none.</summary>
    private readonly record struct Instruction(int From, int Offset, OpCode Code, int Operand, int Target);
}
