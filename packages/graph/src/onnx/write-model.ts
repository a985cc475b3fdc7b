import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Graph, Value } from '../graph.ts';
import type { OnnxAttribute, OnnxConstant, OnnxNode } from './onnx-nodes.ts';

/** Field numbers and enum values of onnx.proto (IR version 8). */
const IR_VERSION = 8;
const OPSETS = [
  ['', 18],
  ['com.microsoft', 1],
] as const;
const TYPE = { float32: 1, int32: 6, int64: 7 } as const;
const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 } as const;

type Fields = (writer: BinaryWriter) => void;

interface OnnxBody {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

/** ModelProto: ir_version 1, graph 7, opset_import 8. Inputs and outputs are those of the graph. */
export function writeModel(graph: Graph, { nodes, constants }: OnnxBody): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  integer(writer, 1, IR_VERSION);
  message(writer, 7, (w) => {
    for (const node of nodes) message(w, 1, (n) => writeNode(n, node));
    text(w, 2, 'segment');
    for (const constant of constants) message(w, 5, (n) => writeConstant(n, constant));
    for (const [name, value] of graph.inputs) message(w, 11, (n) => writeValueInfo(n, name, value));
    for (const [name, value] of graph.outputs) message(w, 12, (n) => writeValueInfo(n, name, value));
  });
  for (const [domain, version] of OPSETS) {
    message(writer, 8, (w) => {
      text(w, 1, domain);
      integer(w, 2, version);
    });
  }
  return writer.finish();
}

/** NodeProto: input 1, output 2, op_type 4, attribute 5, domain 7. */
function writeNode(writer: BinaryWriter, { op, inputs, output, attributes, domain }: OnnxNode): void {
  for (const input of inputs) text(writer, 1, input);
  text(writer, 2, output);
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attributes)) message(writer, 5, (w) => writeAttribute(w, name, value));
  if (domain !== '') text(writer, 7, domain);
}

/** AttributeProto: name 1, i 3, s 4, ints 8, type 20. */
function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    integer(writer, 20, ATTRIBUTE_TYPE.string);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, ATTRIBUTE_TYPE.ints);
  }
}

/** TensorProto: dims 1, data_type 2, float_data 4, int64_data 7, name 8. */
function writeConstant(writer: BinaryWriter, constant: OnnxConstant): void {
  if (constant.kind === 'float') {
    integer(writer, 2, TYPE.float32);
    writer.uint32((4 << 3) | 5).float(constant.value);
  } else {
    integer(writer, 1, constant.values.length);
    integer(writer, 2, TYPE.int64);
    for (const value of constant.values) integer(writer, 7, value);
  }
  text(writer, 8, constant.name);
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1 } } } }. */
function writeValueInfo(writer: BinaryWriter, name: string, value: Value): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      integer(tensor, 1, TYPE[value.scalar]);
      message(tensor, 2, (shape) => {
        for (const size of value.shape) message(shape, 1, (dim) => integer(dim, 1, size));
      });
    }),
  );
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.uint32(field << 3).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.uint32((field << 3) | 2).string(value);
}

function message(writer: BinaryWriter, field: number, fields: Fields): void {
  writer.uint32((field << 3) | 2).fork();
  fields(writer);
  writer.join();
}
